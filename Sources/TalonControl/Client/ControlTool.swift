import TalonPlatform
import TalonSettings

/// `talon ctl`: asks a running server, or tells it what to do.
package enum ControlTool {
    struct Entry {
        let name: String
        /// In brackets if it may be left out; nil if there is none.
        let operand: String?
        let does: String
        /// The words of the request.
        let words: [String]
    }

    static let commands = [
        Entry(name: "status", operand: nil, does: "The state of the server", words: ["status"]),
        Entry(name: "workers", operand: nil, does: "The workers, what they run and use", words: ["workers"]),
        Entry(name: "plugins", operand: nil, does: "The plugins in use", words: ["plugins"]),
        Entry(name: "config", operand: nil, does: "The settings in force", words: ["config"]),
        Entry(name: "top", operand: nil, does: "A live view of the workers; q quits", words: []),
        Entry(name: "reload", operand: nil, does: "Reload, wait, and tell the outcome", words: ["reload", "wait"]),
        Entry(name: "add", operand: "[N]", does: "N workers more, 1 by default", words: ["worker add"]),
        Entry(name: "remove", operand: "[N]", does: "N workers fewer", words: ["worker remove"]),
        Entry(
            name: "kill", operand: "PID", does: "End a worker in good order (or worker_SLOT); another takes its place",
            words: ["worker kill"]),
        Entry(name: "reopen", operand: nil, does: "Open the log files anew", words: ["reopen"]),
        Entry(
            name: "stop", operand: nil, does: "Stop in good order, or with --quick at once; waits", words: ["shutdown"]),
    ]

    /// The exit statuses.
    enum Status {
        static let fine: Int32 = 0
        /// The server refuses, or the reload failed.
        static let refused: Int32 = 1
        static let usage: Int32 = 2
        /// No server at the socket.
        static let unreachable: Int32 = 3
        /// No reply in time; what was asked may still happen.
        static let late: Int32 = 4
    }

    static var help: String {
        let all = commands.map { entry in
            "  \("\(entry.name) \(entry.operand ?? "")".padded(to: 12))  \(entry.does)"
        }
        return """
            usage: talon ctl [OPTIONS] COMMAND

            Asks a running server, or tells it what to do, by its control socket.

            commands:
            \(all.joined(separator: "\n"))

            options:
              -s, --socket PATH   The control socket; @NAME is abstract.
                                  [\(UserFolders.controlSocket ?? "none: name one")]
              -j, --json          Print the reply as one line of JSON.
              --quick             stop: do not wait for running requests.
              --timeout SECONDS   The longest wait for a reply; 10 by default, none for reload and stop.
              -h, --help          Print this text.

            exit status: 0 fine, 1 the server refuses or the reload failed, 2 wrong command line,
            3 no server at the socket, 4 no reply in time

            """
    }

    /// Runs one command. Returns the exit status.
    package static func run(_ words: [String]) -> Int32 {
        Signal.pipe.ignore()
        let line: ControlCommandLine
        do {
            line = try ControlCommandLine(words)
        } catch {
            return fail("usage: talon ctl [OPTIONS] COMMAND\ntalon ctl: error: \(error)", Status.usage)
        }
        if line.wantsHelp {
            FileDescriptor.standardOutput.writeAll(Array(help.utf8))
            return Status.fine
        }
        guard let path = line.socket else {
            return fail("talon ctl: neither XDG_RUNTIME_DIR nor HOME is set; name the socket with -s", Status.usage)
        }
        do throws(ControlClient.Failure) {
            let client = try ControlClient(path, patience: patience(line))
            defer { client.close() }
            if line.command == "top" { return try Top(client).run(isJSON: line.isJSON) }
            return try perform(line, client)
        } catch {
            return fail(error)
        }
    }

    private static func patience(_ line: ControlCommandLine) -> UInt64? {
        if let seconds = line.timeout { return UInt64(seconds) * nanosecondsPerSecond }
        return ["reload", "stop"].contains(line.command) ? nil : 10 * nanosecondsPerSecond
    }

    private static func perform(
        _ line: ControlCommandLine, _ client: ControlClient
    ) throws(ControlClient.Failure) -> Int32 {
        guard let entry = commands.first(where: { $0.name == line.command }) else { return Status.usage }
        var words = entry.words
        if let operand = line.operand { words.append(operand) }
        if line.command == "stop" { words.append(line.isQuick ? "quick" : "graceful") }
        let data = try client.ask(words)
        if line.command == "stop" { try client.waitForEnd() }
        let text = line.isJSON ? data.encoded + "\n" : ControlText.of(line.command, data)
        FileDescriptor.standardOutput.writeAll(Array(text.utf8))
        return isGood(line.command, data) ? Status.fine : Status.refused
    }

    /// Whether what was asked for has happened.
    private static func isGood(_ command: String, _ data: JSON) -> Bool {
        switch command {
        case "reload": data["outcome"]?.string == "ok"
        case "kill": data["success"]?.isTrue ?? false
        case "add": (data["added"]?.integer ?? 0) > 0
        case "remove": (data["removed"]?.integer ?? 0) > 0
        default: true
        }
    }

    private static func fail(_ failure: ControlClient.Failure) -> Int32 {
        switch failure {
        case .unreachable(let reason): fail("talon ctl: \(reason)", Status.unreachable)
        case .refused(let reason): fail("talon ctl: \(ControlText.printable(reason))", Status.refused)
        case .late: fail("talon ctl: no reply in time; what was asked may still happen", Status.late)
        case .ended: fail("talon ctl: the server has ended the connection", Status.unreachable)
        }
    }

    private static func fail(_ message: String, _ status: Int32) -> Int32 {
        FileDescriptor.standardError.writeAll(Array("\(message)\n".utf8))
        return status
    }
}
