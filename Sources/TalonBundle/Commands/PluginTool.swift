import TalonPlatform

/// `talon plugin ...`.
package enum PluginTool {
    static let commands: [Command] = [
        .new, .check, .run, .pack, .keygen, .sign, .verify, .inspect, .install, .list, .enable, .disable, .remove,
        .forget,
    ]

    /// Carries out the words after `talon plugin`. Returns the exit status: 0 fine, 1 refused or failed, 2 usage.
    package static func run(_ words: [String]) -> Int32 {
        guard let name = words.first else {
            write(ToolHelp.overview, to: .standardError)
            return 2
        }
        if ["-h", "--help", "help"].contains(name) {
            // `help COMMAND` is `COMMAND --help`.
            if let command = commands.first(where: { $0.name == words.dropFirst().first }) {
                write(ToolHelp.text(of: command), to: .standardOutput)
            } else {
                write(ToolHelp.overview, to: .standardOutput)
            }
            return 0
        }
        guard let command = commands.first(where: { $0.name == name }) else {
            return fail(.usage("there is no command \(name); talon plugin --help lists the commands"))
        }
        let rest = Array(words.dropFirst())
        let options = rest.prefix { $0 != "--" }
        if options.contains("--help") || options.contains("-h") {
            write(ToolHelp.text(of: command), to: .standardOutput)
            return 0
        }
        return carryOut(command, rest, wantsJSON: options.contains("--json"))
    }

    private static func carryOut(_ command: Command, _ words: [String], wantsJSON: Bool) -> Int32 {
        do {
            let report = try command.run(try Invocation(words, of: command))
            write(wantsJSON ? [report.json.encoded] : report.lines, to: .standardOutput)
            return report.isGood ? 0 : 1
        } catch {
            if wantsJSON, error.status == 1 {
                let json = JSON.object([("ok", .truth(false)), ("error", .text(error.description))])
                write([json.encoded], to: .standardOutput)
                return error.status
            }
            return fail(error, of: command)
        }
    }

    private static func fail(_ failure: ToolFailure, of command: Command? = nil) -> Int32 {
        let usage = failure.status == 2 ? command.map { [$0.usage] } ?? [] : []
        let name = command.map { "talon plugin \($0.name)" } ?? "talon plugin"
        write(usage + ["\(name): \(failure)"], to: .standardError)
        return failure.status
    }

    private static func write(_ lines: [String], to output: FileDescriptor) {
        output.writeAll(Array(lines.map { LogText.oneLine($0) + "\n" }.joined().utf8))
    }
}
