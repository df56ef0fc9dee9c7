import TalonPlatform

/// A setting that cannot be used: the process ends with `status`.
package struct SettingsError: Error, Equatable {
    package enum Code: Sendable {
        /// The command line itself is wrong: exit 2, with usage.
        case usage
        /// A value is wrong: exit 1.
        case value
    }
    package let code: Code
    /// One sentence that names the setting, what was found, and what to do.
    package let message: String

    package init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    package var status: Int32 { code == .usage ? 2 : 1 }
}

extension Setting {
    /// Reads a value from text, wherever the text comes from. `source` is named in the error.
    package func value(from text: String, source: String) throws(SettingsError) -> SettingValue {
        switch kind {
        case .text, .list:
            return kind == .list ? .list([text]) : .text(text)
        case .flag:
            return .truth(["true", "1", "yes", "on"].contains(text.lowercased()))
        case .count where text.lowercased() == SettingValue.automatic:
            return .text(SettingValue.automatic)
        case .number(let range), .count(let range):
            guard let number = Int(text) else {
                throw SettingsError(code: .usage, message: "\(source): invalid int value: '\(text)'")
            }
            guard range.contains(number) else {
                throw SettingsError(
                    code: .value,
                    message: "\(source): \(number) is out of range; use \(range.lowerBound) to \(range.upperBound)")
            }
            return .number(number)
        case .mode:
            guard let mode = FileMode.value(of: text) else {
                throw SettingsError(
                    code: .usage, message: "\(source): '\(text)' is no file mode; use 0 to 0777, in octal")
            }
            return .number(mode)
        case .choice(let words):
            guard words.contains(text.lowercased()) else {
                throw SettingsError(
                    code: .value, message: "\(source): '\(text)' is none of \(words.joined(separator: ", "))")
            }
            return .text(text.lowercased())
        case .addresses:
            let parts = text.split(separator: ",").map(String.init)
            for part in parts where ListenAddress(part) == nil {
                throw SettingsError(
                    code: .value,
                    message: "\(source): '\(part)' is no address; use HOST:PORT, [V6]:PORT or unix:PATH")
            }
            guard !parts.isEmpty else {
                throw SettingsError(code: .value, message: "\(source): empty; use HOST:PORT or unix:PATH")
            }
            return .list(parts)
        case .assignments:
            guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
                throw SettingsError(code: .value, message: "\(source): '\(text)' is not NAME=VALUE")
            }
            return .list([text])
        }
    }
}

/// Permission bits as gunicorn reads them: decimal, octal after `0` or `0o`, hexadecimal after `0x`.
private enum FileMode {
    static func value(of text: String) -> Int? {
        let lower = text.lowercased()
        let number =
            if let digits = lower.dropping(prefix: "0x") {
                Int(digits, radix: 16)
            } else if let digits = lower.dropping(prefix: "0o") {
                Int(digits, radix: 8)
            } else {
                Int(lower, radix: lower.hasPrefix("0") ? 8 : 10)
            }
        return number.flatMap { (0...0o777).contains($0) ? $0 : nil }
    }
}
