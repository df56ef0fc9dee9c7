import TalonPlatform

/// `talon [OPTIONS] [APP_MODULE]`, read by the catalogue.
package struct ParsedCommandLine: Sendable, Equatable {
    package var layer = SettingsLayer()
    /// Positional words: the application.
    package var positional: [String] = []
    package var wantsHelp = false
    package var wantsVersion = false
    private let source: SettingSource

    /// Reads the words after the program's name, as argparse does: `--name value`, `--name=value`, `-n value`,
    /// `-nvalue`, `-n=value`, a long name shortened as far as it is unique, `--` before what only looks like an option.
    package init(_ words: [String], from source: SettingSource = .commandLine) throws(SettingsError) {
        self.source = source
        var rest = words[...]
        while let word = rest.popFirst() {
            if word == "--" {
                positional += rest
                break
            }
            guard word.hasPrefix("-"), word.count > 1 else {
                positional.append(word)
                continue
            }
            try take(word, from: &rest)
        }
        guard positional.count <= 1 else {
            throw SettingsError(
                code: .usage, message: "unrecognized arguments: \(positional.dropFirst().joined(separator: " "))")
        }
    }

    private mutating func take(_ word: String, from rest: inout ArraySlice<String>) throws(SettingsError) {
        let (flag, attached) = Self.split(word)
        switch try Self.resolve(flag) {
        case .help: wantsHelp = true
        case .version: wantsVersion = true
        case .setting(let setting):
            if case .flag(let value) = setting.kind {
                guard attached == nil else {
                    throw SettingsError(code: .usage, message: "argument \(setting.title): takes no value")
                }
                layer.add(.truth(value), to: setting.name, from: source)
                return
            }
            let text = attached ?? Self.bareWord(of: setting, before: rest) ?? Self.value(from: &rest)
            guard let text else {
                throw SettingsError(code: .usage, message: "argument \(setting.title): expected one argument")
            }
            layer.add(
                try setting.value(from: text, source: "argument \(setting.title)"), to: setting.name, from: source)
        }
    }

    /// What an option that stands alone is; nil: it needs a value, or one of its words follows. Any other word does not
    /// belong to it: it may be the application.
    private static func bareWord(of setting: Setting, before rest: ArraySlice<String>) -> String? {
        guard case .wordOrFlag(let words, let bare) = setting.kind else { return nil }
        return rest.first.map { words.contains($0.lowercased()) } == true ? nil : bare
    }

    /// The next word, unless it is an option itself (a negative number is not): then the value was forgotten.
    private static func value(from rest: inout ArraySlice<String>) -> String? {
        guard let word = rest.first else { return nil }
        let isOption = word.hasPrefix("-") && word.count > 1 && Int(word) == nil && !word.contains(" ")
        return isOption ? nil : rest.popFirst()
    }

    /// The option, and the value that is written in the same word.
    private static func split(_ word: String) -> (flag: String, attached: String?) {
        if word.hasPrefix("--") {
            guard let equals = word.firstIndex(of: "=") else { return (word, nil) }
            return (String(word[..<equals]), String(word[word.index(after: equals)...]))
        }
        let attached = word.dropFirst(2)
        guard !attached.isEmpty else { return (word, nil) }
        return (String(word.prefix(2)), String(attached.dropping(prefix: "=") ?? attached))
    }

    private enum Option {
        case help
        case version
        case setting(Setting)
    }

    private static let all: [(flag: String, option: Option)] =
        [("-h", .help), ("--help", .help), ("-v", .version), ("--version", .version)]
        + Catalogue.settings.flatMap { setting in setting.flags.map { ($0, .setting(setting)) } }

    private static func resolve(_ flag: String) throws(SettingsError) -> Option {
        if let exact = all.first(where: { $0.flag == flag }) { return exact.option }
        let candidates = flag.hasPrefix("--") ? all.filter { $0.flag.hasPrefix(flag) } : []
        guard let only = candidates.first, candidates.count == 1 else {
            let message =
                candidates.isEmpty
                ? "unrecognized arguments: \(flag)"
                : "ambiguous option: \(flag) could match \(candidates.map(\.flag).joined(separator: ", "))"
            throw SettingsError(code: .usage, message: message)
        }
        return only.option
    }
}
