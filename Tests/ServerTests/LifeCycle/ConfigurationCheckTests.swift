import TalonTesting
import Testing

@Suite(.serialized) struct `A check of the configuration` {
    private func check(_ arguments: [String], in directory: TemporaryDirectory) throws -> CommandResult {
        let environment = [
            "PATH": "/usr/bin:/bin", "PROMETHEUS_MULTIPROC_DIR": directory.file("metrics"), "WEB_CONCURRENCY": "3",
            "XDG_STATE_HOME": directory.file("state"), "XDG_CONFIG_HOME": directory.file("config"),
        ]
        return try run(
            try TestEnvironment.binary(), arguments + ["--python", try TestEnvironment.python()],
            environment: environment, directory: directory.path)
    }

    @Test func `loads the application, binds nothing, leaves nothing and ends with 0`() throws {
        let directory = try TemporaryDirectory()
        try directory.writeApplication(answering: "hello", preamble: "open('loaded', 'w').close()")
        let port = try FreePort.any()
        let other = try ListeningSocket(port: port)
        try withExtendedLifetime(other) {
            let arguments = ["app:app", "--check-config", "-b", "127.0.0.1:\(port)", "--threads", "4", "--pid", "pid"]
            let result = try check(arguments, in: directory)
            #expect(result.end == .exited(0), "\(result.error)")
            #expect(result.output == "" && result.error == "")
            #expect(Files.exists(directory.file("loaded")))
            #expect(!Files.exists(directory.file("pid")) && !Files.exists(directory.file("metrics")))
        }
    }

    @Test(arguments: [("app:nope", "Failed to find attribute 'nope'"), ("gone:app", "ModuleNotFoundError")])
    func `ends with 1 and the reason when the application cannot be loaded`(
        _ application: String, _ reason: String
    ) throws {
        let directory = try directory(answering: "hello")
        let result = try check([application, "--check-config"], in: directory)
        #expect(result.end == .exited(1))
        #expect(result.error.contains(reason))
    }

    @Test func `ends with 1 when a plugin cannot be used`() throws {
        let directory = try directory(answering: "hello")
        let result = try check(["app:app", "--check-config", "--plugin", "absent.so"], in: directory)
        #expect(result.end == .exited(1))
        #expect(result.error.contains("absent.so"))
    }

    @Test func `prints every setting in force and where it comes from`() throws {
        let directory = try directory(answering: "hello")
        let result = try check(["app:app", "--print-config", "-t", "7", "-m", "0117"], in: directory)
        #expect(result.end == .exited(0), "\(result.error)")
        let lines = result.output.split(separator: "\n").map(String.init)
        let values = lines.reduce(into: [String: String]()) { values, line in
            let parts = line.split(separator: "=", maxSplits: 1)
            if parts.count == 2 {
                values[parts[0].trimmed] = parts[1].trimmed
            }
        }
        #expect(values["timeout"] == "7  # command line")
        #expect(values["workers"] == "3  # env WEB_CONCURRENCY")
        #expect(values["graceful_timeout"] == "30  # default")
        #expect(values["pidfile"] == "None  # default")
        #expect(values["umask"] == "79  # command line")
        #expect(lines == lines.sorted())
    }

    @Test func `prints the settings of an application that cannot be loaded too`() throws {
        let result = try check(["gone:app", "--print-config"], in: try TemporaryDirectory())
        #expect(result.end == .exited(1))
        #expect(result.output.contains("worker_class"))
    }
}

extension Substring {
    fileprivate var trimmed: String {
        var text = drop { $0 == " " }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
