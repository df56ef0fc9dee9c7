/// What `--help` and a usage error print.
package enum HelpText {
    package static let usage = "usage: talon [OPTIONS] [APP_MODULE]"

    private static let width = 100
    private static let indent = 30

    /// All settings by sections, one paragraph each.
    package static var full: String {
        var lines = [
            usage,
            "       talon check|convert [OPTIONS] [APP_MODULE]",
            "       talon ctl|exporter|plugin|schema ...",
            "",
        ]
        lines += wrapped(
            """
            Serves a Python WSGI application (MODULE, MODULE:NAME or MODULE:FACTORY(...)) or a native one \
            (./FILE.so), with its metrics on a port of their own.
            """, indent: 0)
        lines += [
            "", "Commands:",
            entry("check", "Say of each setting what becomes of it: same, better, no effect, not supported."),
            entry("convert", "Print the configuration file as talon.yaml."),
            entry("ctl", "Control a running server; talon ctl --help."),
            entry("exporter", "Serve metrics of a fleet, or beside a server; talon exporter --help."),
            entry("plugin", "Make, check and sign plugins; talon plugin --help."),
            entry("schema", "Print the JSON schema of talon.yaml."),
            "", "Options:",
            entry("-h, --help", "Show this text and exit."),
            entry("-v, --version", "Show the version and exit."),
        ]
        for section in Catalogue.sections {
            lines += ["", "\(section.title):"]
            lines += section.settings.map { entry(head(of: $0), described($0)) }
        }
        lines += ["", "Environment:"]
        lines.append(entry(SettingsSources.argumentsVariable, "Options, read before those of the command line."))
        for setting in Catalogue.settings {
            guard let variable = setting.variable else { continue }
            lines.append(entry(variable, "Sets \(setting.flags.isEmpty ? setting.name : setting.title)."))
        }
        lines += ["", "Files:"] + files + ["", "Exit status:"] + statuses
        return lines.joined(separator: "\n") + "\n"
    }

    private static let files = [
        entry("gunicorn.conf.py", "Read if it is there and no option names another file."),
        entry(
            "talon.yaml", "Read if there is no gunicorn.conf.py. Settings have the names that --print-config shows."),
        entry(
            "Order",
            "Defaults, environment, file, GUNICORN_CMD_ARGS, command line: the later wins. HUP reads them again."),
    ]

    private static let statuses = [
        entry("0", "The server was stopped, or all is well."),
        entry("1", "A setting or a file is wrong, or the server failed."),
        entry("2", "The command line is wrong."),
        entry("3, 4", "A worker could not boot, or could not load the application."),
    ]

    /// The options, or in a section the bare name: of what only a file or the environment sets.
    private static func head(of setting: Setting) -> String {
        guard !setting.flags.isEmpty else { return setting.name }
        let words = setting.flags.joined(separator: ", ")
        return setting.placeholder.isEmpty ? words : "\(words) \(setting.placeholder)"
    }

    private static func described(_ setting: Setting) -> String {
        var text = setting.help
        if let standard = setting.standard, !setting.kind.isFlag, !standard.description.isEmpty {
            text += " [\(standard)]"
        }
        switch setting.support {
        case .full, .better: return text
        case .later: return text + " No effect yet."
        case .ignored: return text + " Ignored."
        case .missing: return text + " Not supported."
        }
    }

    private static func entry(_ head: String, _ text: String) -> String {
        let body = wrapped(text, indent: indent)
        guard head.count <= indent - 4, let first = body.first else {
            return (["  \(head)"] + body).joined(separator: "\n")
        }
        let padded = "  \(head)" + String(repeating: " ", count: indent - 2 - head.count)
        return ([padded + first.dropFirst(indent)] + body.dropFirst()).joined(separator: "\n")
    }

    /// Lines of at most ``width`` columns, as far as the words let.
    private static func wrapped(_ text: String, indent: Int) -> [String] {
        let margin = String(repeating: " ", count: indent)
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, indent + line.count + 1 + word.count > width {
                lines.append(margin + line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        return lines + [margin + line]
    }
}
