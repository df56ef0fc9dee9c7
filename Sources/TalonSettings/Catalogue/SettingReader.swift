package import TalonPlatform

extension Setting {
    /// Reads a value as a configuration file has it; nil: the file says None, so it says nothing.
    ///
    /// What is taken is what gunicorn's validators take from Python: texts of whole numbers, true as 1, "true" and
    /// "false" of any case, a text with commas for a list. `place` is named in the error.
    package func value(of found: ConfigurationValue, place: String) throws(SettingsError) -> SettingValue? {
        let source = "\(place): \(name)"
        func refusal() -> SettingsError {
            SettingsError(code: .value, message: "\(source): is \(shown(found)); use \(kind.wanted)")
        }
        switch (kind, found) {
        case (_, .none): return nil
        case (.text, .text(let text)): return .text(text.trimmed)
        case (.account, .number(let number)) where number >= 0: return .text(String(number))
        case (.account, .text(let text)) where !text.isEmpty: return .text(text.trimmed)
        case (.hook, .text(let text)) where !text.isEmpty: return .text(text)
        case (.flag, .truth(let truth)): return .truth(truth)
        case (.flag, .text(let text)):
            switch text.trimmed.lowercased() {
            case "true": return .truth(true)
            case "false": return .truth(false)
            default: throw refusal()
            }
        case (.count, .text(let text)) where text.trimmed.lowercased() == SettingValue.automatic:
            return .text(SettingValue.automatic)
        case (.number(let range), _), (.count(let range), _):
            guard let number = WholeNumber.value(of: found) else { throw refusal() }
            guard range.contains(number) else { throw refusal() }
            return .number(number)
        case (.mode, .number(let number)) where (0...0o777).contains(number): return .number(number)
        case (.mode, .text(let text)):
            guard let mode = FileMode.value(of: text.trimmed) else { throw refusal() }
            return .number(mode)
        case (.wordOrFlag(let words, let bare), .truth(let truth)): return .text(truth ? bare : words.first ?? bare)
        case (.choice(let words), .text(let text)), (.wordOrFlag(let words, _), .text(let text)):
            let word = text.trimmed.lowercased()
            // YAML has texts only.
            if case .wordOrFlag(_, let bare) = kind, word == "true" || word == "false" {
                return .text(word == "true" ? bare : words.first ?? bare)
            }
            guard words.contains(word) else {
                throw SettingsError(
                    code: .value, message: refusal().message + NearMiss.hint(word, among: words))
            }
            return .text(word)
        case (.pairs, .table(let pairs)):
            var items: [String] = []
            for pair in pairs {
                guard case .text(let text) = pair.value, !pair.name.isEmpty, !pair.name.contains("=") else {
                    throw refusal()
                }
                guard !(pair.name + text).contains(",") else {
                    throw SettingsError(code: .value, message: "\(source): '\(pair.name)' has a comma; leave it out")
                }
                items.append("\(pair.name)=\(text)")
            }
            return .list(items)
        case (.table, .table): return .text(found.json.encoded)
        case (.list, _), (.addresses, _), (.assignments, _), (.words, _), (.networks, _):
            guard let texts = Setting.texts(of: found) else { throw refusal() }
            return try list(of: texts, refusal: refusal(), source: source)
        case (.documents, .text(let text)): return .list([text])
        case (.documents, .list(let values)):
            var items: [String] = []
            for value in values {
                switch value {
                case .text(let text): items.append(text)
                case .table: items.append(value.json.encoded)
                default: throw refusal()
                }
            }
            return .list(items)
        default: throw refusal()
        }
    }

    private func list(
        of texts: [String], refusal: SettingsError, source: String
    ) throws(SettingsError) -> SettingValue? {
        // As nothing: a server that listens nowhere is nobody's wish.
        guard !texts.isEmpty else { return kind == .addresses ? nil : .list([]) }
        var items: [String] = []
        for text in texts {
            do throws(SettingsError) {
                guard case .list(let some) = try value(from: text, source: source) else { throw refusal }
                items += some
            } catch {
                throw SettingsError(code: .value, message: error.message)
            }
        }
        return .list(items)
    }

    /// A list of texts, or one text with commas.
    private static func texts(of found: ConfigurationValue) -> [String]? {
        switch found {
        case .text(let text): return parts(of: text)
        case .list(let values):
            let texts = values.compactMap { value -> String? in
                guard case .text(let text) = value else { return nil }
                return text.trimmed
            }
            return texts.count == values.count ? texts : nil
        default: return nil
        }
    }

    private func shown(_ found: ConfigurationValue) -> String { isSecret ? "a value of another kind" : found.phrase }
}

extension ConfigurationValue {
    /// What it is, for a message.
    var phrase: String {
        switch self {
        case .none: return "None"
        case .truth(let truth): return truth ? "true" : "false"
        case .number(let number): return String(number)
        case .real(let real): return String(real)
        case .text(let text):
            let start = LogText.oneLine(String(text.prefix(60)))
            return text.count > 60 ? "'\(start)…'" : "'\(start)'"
        case .list: return "a list"
        case .table: return "a mapping"
        }
    }

    package var json: JSON {
        switch self {
        case .none: .null
        case .truth(let truth): .truth(truth)
        case .number(let number): .number(number)
        case .real(let real): .real(real)
        case .text(let text): .text(text)
        case .list(let items): .list(items.map(\.json))
        case .table(let pairs): .object(pairs.map { ($0.name, $0.value.json) })
        }
    }
}

/// Whole numbers as Python's `int(text, 0)` reads them.
enum WholeNumber {
    static func value(of found: ConfigurationValue) -> Int? {
        switch found {
        case .number(let number): return number
        case .truth(let truth): return truth ? 1 : 0
        case .text(let text): return value(of: text)
        default: return nil
        }
    }

    private static func value(of text: String) -> Int? {
        var digits = text.trimmed.lowercased()
        let isNegative = digits.hasPrefix("-")
        if isNegative || digits.hasPrefix("+") { digits.removeFirst() }
        guard let first = digits.first, first.isASCII, first.isNumber, !digits.hasSuffix("_"), !digits.contains("__")
        else { return nil }
        let bare = digits.filter { $0 != "_" }
        let radixes = [("0x", 16), ("0o", 8), ("0b", 2)]
        let number: Int?
        if let (prefix, radix) = radixes.first(where: { bare.hasPrefix($0.0) }) {
            number = Int(bare.dropFirst(prefix.count), radix: radix)
        } else {
            // Python takes no other number with a leading zero, for it was octal once.
            number = bare.count > 1 && bare.hasPrefix("0") && bare.contains { $0 != "0" } ? nil : Int(bare)
        }
        return number.map { isNegative ? -$0 : $0 }
    }
}
