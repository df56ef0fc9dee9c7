/// What `--help` prints.
enum ToolHelp {
    /// The list of commands.
    static var overview: [String] {
        ["usage: talon plugin COMMAND [OPTIONS] [OPERAND]", "", "Makes, checks and installs plugins.", "", "commands:"]
            + PluginTool.commands.map { entry($0.name, $0.summary, width: 10) }
            + ["", "exit status: 0 fine, 1 the plugin is refused or something failed, 2 wrong command line"]
            + ["talon plugin COMMAND --help tells more."]
    }

    static func text(of command: Command) -> [String] {
        var lines = [command.usage, "", command.summary]
        for paragraph in command.details { lines += [""] + wrapped(paragraph, at: 100) }
        lines += ["", "options:"]
        for option in command.options {
            let head = option.flags.joined(separator: ", ") + (option.placeholder.map { " \($0)" } ?? "")
            lines.append(entry(head, option.help, width: 24))
        }
        lines.append(entry("-h, --help", "Print this text.", width: 24))
        return lines + ["", "exit status: 0 fine, 1 \(command.failure), 2 wrong command line"]
    }

    private static func entry(_ head: String, _ text: String, width: Int) -> String {
        "  \(head.padded(to: width))  \(text)"
    }

    private static func wrapped(_ text: String, at width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if line.count + word.count >= width {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        return lines + [line]
    }
}

extension String {
    /// With spaces behind it, at least `width` characters long.
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
