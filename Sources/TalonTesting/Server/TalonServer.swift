import Glibc
import Synchronization

/// A real `talon` in a directory of its own.
///
/// Ends with all its descendants at `stop()`, at the latest when the test lets go of it.
package final class TalonServer: Sendable {
    /// How to start one.
    package struct Options: Sendable {
        package var environment: [String: String] = [:]
        /// Variables that are not set, though they else are.
        package var unset: Set<String> = []
        /// The port of the application, if another program has to know it before; nil is any.
        package var port: UInt16?
        /// Adds `-b 127.0.0.1:PORT` unless the arguments have a -b.
        package var binds = true
        /// Adds `--python` with the interpreter of the tests unless the arguments have it.
        package var choosesPython = true
        /// Makes the metrics folder, which else the server's first start makes.
        package var makesMetricsFolder = true
        /// Files that stand open in the server on these numbers.
        package var descriptors: [Int32: String] = [:]

        /// A program and its arguments, which becomes the server by exec with the words that follow.
        package var launcher: [String] = []

        package init() {}
    }

    package let directory: TemporaryDirectory
    package let port: UInt16
    package let metricsPort: UInt16
    package let process: SpawnedProcess
    private let marker: String

    /// Starts `talon ARGUMENTS` and waits for nothing.
    package init(_ arguments: [String], in directory: TemporaryDirectory, options: Options = Options()) throws {
        self.directory = directory
        port = try options.port ?? FreePort.any()
        metricsPort = try FreePort.any()
        marker = "\(getpid())-\(port)"
        let binary = try TestEnvironment.binary()
        var all = arguments
        if options.binds, !arguments.contains(where: { $0 == "-b" || $0.hasPrefix("--bind") }) {
            all += ["-b", "127.0.0.1:\(port)"]
        }
        if options.choosesPython, !arguments.contains(where: { $0.hasPrefix("--python") && $0 != "--pythonpath" }) {
            all += ["--python", try TestEnvironment.python()]
        }
        if options.makesMetricsFolder, !Files.exists(directory.file("metrics")) {
            try directory.makeDirectory("metrics")
        }
        var environment = [
            "PATH": "/usr/bin:/bin", "HOME": directory.path, "TALON_TEST_RUN": marker,
            // What one test's plugin does to the server must not be remembered in another's.
            "XDG_STATE_HOME": directory.file("state"), "XDG_CONFIG_HOME": directory.file("config"),
            "PROMETHEUS_MULTIPROC_DIR": directory.file("metrics"), "PROMETHEUS_METRICS_PORT": "\(metricsPort)",
            "PROMETHEUS_BIND_ADDRESS": "127.0.0.1",
        ]
        environment.merge(options.environment) { $1 }
        for name in options.unset { environment[name] = nil }
        let words = options.launcher + [binary] + all
        var launch = Launch(words[0], Array(words.dropFirst()), environment: environment, directory: directory.path)
        launch.output = directory.file("stdout.log")
        launch.error = directory.file("stderr.log")
        launch.descriptors = options.descriptors
        process = try SpawnedProcess(launch)
    }

    deinit {
        let left = descendants()
        for entry in left { entry.signal(SIGKILL) }
        if process.reap() == nil {
            process.signal(SIGKILL)
            _ = try? process.wait(within: .seconds(5))
        }
    }

    package var pid: Int32 { process.pid }
    package var endpoint: Endpoint { .tcp("127.0.0.1", port) }
    package var client: HTTPClient { HTTPClient(endpoint) }

    /// The error log so far: what came on the standard error.
    package var log: String { directory.text("stderr.log") ?? "" }
    package var logLines: [String] { directory.lines("stderr.log") }
    package var standardOutput: String { directory.text("stdout.log") ?? "" }

    /// The page of the metrics port.
    package func metrics() throws -> MetricsPage {
        let response = try HTTPClient(.tcp("127.0.0.1", metricsPort)).get("/metrics")
        guard response.status == 200 else { throw TestFailure("/metrics answers \(response.status)") }
        return try MetricsPage(response.text)
    }

    package func signal(_ number: Int32) {
        process.signal(number)
    }

    /// Every live process that came from this server, wherever it hangs in the process tree; the master is not among
    /// them.
    package func descendants() -> [ProcessEntry] {
        ProcessTable.all().filter { entry in
            entry.pid != pid && entry.isAlive
                && (entry.session == pid || entry.environment.contains("TALON_TEST_RUN=\(marker)"))
        }
    }

    /// Ends the server and sees that nothing is left of it.
    package func stop() throws {
        if process.reap() == nil {
            process.signal(SIGQUIT)
            if (try? process.wait(within: .seconds(60))) == nil {
                for entry in descendants() { entry.signal(SIGKILL) }
                process.signal(SIGKILL)
                throw TestFailure("the master did not end within 60 s of SIGQUIT")
            }
        }
        try expectNoOrphans()
    }

    /// Throws, and kills them, when descendants are alive 20 s after the master's end.
    package func expectNoOrphans() throws {
        do {
            try eventually("nothing is left of the server", within: .seconds(20)) { descendants().isEmpty }
        } catch {
            let left = descendants()
            for entry in left { entry.signal(SIGKILL) }
            let names = left.map { "\($0.pid) (\($0.commandLine))" }.joined(separator: ", ")
            throw TestFailure("alive 20 s after the master's end: \(names)")
        }
    }
}
