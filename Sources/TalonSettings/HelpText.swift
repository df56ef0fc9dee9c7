/// What `--help` and a usage error print.
package enum HelpText {
    package static let usage = "usage: talon [OPTIONS] [APP_MODULE]"

    /// All options, one paragraph each.
    package static var full: String {
        var lines = [
            usage, "",
            "Serves a Python WSGI application (MODULE:NAME) or a native one (./FILE.so).", "",
            "options:",
            entry("-h, --help", "Show this text and exit."),
            entry("-v, --version", "Show the version and exit."),
        ]
        for setting in Catalogue.settings where !setting.flags.isEmpty {
            let words = setting.flags.joined(separator: ", ")
            let head = setting.placeholder.isEmpty ? words : "\(words) \(setting.placeholder)"
            lines.append(entry(head, described(setting)))
        }
        lines += ["", "environment:"]
        for setting in Catalogue.settings {
            guard let variable = setting.variable else { continue }
            lines.append(entry(variable, setting.flags.isEmpty ? described(setting) : "Sets \(setting.title)."))
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func described(_ setting: Setting) -> String {
        guard let standard = setting.standard, !setting.kind.isFlag else { return setting.help }
        return "\(setting.help) [\(standard)]"
    }

    private static func entry(_ head: String, _ text: String) -> String {
        let padded = head + String(repeating: " ", count: max(2, 34 - head.count))
        return head.count > 32 ? "  \(head)\n" + String(repeating: " ", count: 36) + text : "  \(padded)\(text)"
    }
}

extension Setting.Kind {
    var isFlag: Bool {
        if case .flag = self { true } else { false }
    }
}
