import Glibc
import TalonTesting
import Testing

private let examples = "\(Repository.root)/docs/examples"

@Suite(.serialized) struct `The entry point of a container` {
    /// A folder with the application and the entry point's `talon` on its PATH.
    private func start(
        _ arguments: [String], _ environment: [String: String], in directory: TemporaryDirectory,
        _ body: (SpawnedProcess) throws -> Void
    ) throws {
        let binary = try TestEnvironment.binary()
        let folder = binary.split(separator: "/").dropLast().joined(separator: "/")
        var all = [
            "PATH": "/\(folder):/usr/bin:/bin", "TALON_PYTHON": try TestEnvironment.python(),
            "PROMETHEUS_MULTIPROC_DIR": directory.file("metrics"), "PROMETHEUS_BIND_ADDRESS": "127.0.0.1",
            "PROMETHEUS_METRICS_PORT": "\(try FreePort.any())", "XDG_STATE_HOME": directory.file("state"),
        ]
        all.merge(environment) { $1 }
        var launch = Launch(
            "\(examples)/container/entrypoint.sh", arguments, environment: all, directory: directory.path)
        launch.error = directory.file("stderr.log")
        let process = try SpawnedProcess(launch)
        defer {
            process.signal(SIGKILL)
            _ = try? process.wait(within: .seconds(10))
        }
        do {
            try body(process)
        } catch {
            throw TestFailure("\(error)\n\(directory.text("stderr.log") ?? "")")
        }
        process.signal(SIGTERM)
        #expect(try process.wait(within: .seconds(30)) == .exited(0))
    }

    private func workers(of process: SpawnedProcess) -> Int {
        ProcessTable.children(of: process.pid).filter { $0.role == .worker }.count
    }

    @Test func `takes host, port, workers and more from the environment`() throws {
        let directory = try directory(answering: "contained")
        let port = try FreePort.any()
        let environment = [
            "GUNICORN_HOST": "127.0.0.1", "GUNICORN_PORT": "\(port)", "GUNICORN_WORKERS": "3",
            "GUNICORN_ARGS": "--log-level debug --keep-alive 7",
        ]
        try start(["app:app"], environment, in: directory) { process in
            let client = HTTPClient(.tcp("127.0.0.1", port))
            try eventually("it answers", within: .seconds(30)) { (try? client.get("/").text) == "contained" }
            try eventually("three workers") { workers(of: process) == 3 }
            #expect(directory.text("stderr.log")?.contains("[DEBUG]") == true)
            // The shell has become the server.
            #expect(ProcessEntry(process.pid)?.commandLine.contains("entrypoint") == false)
        }
    }

    @Test func `takes an address, and options of the command line come last`() throws {
        let directory = try directory(answering: "contained")
        let path = directory.file("app.sock")
        let environment = ["GUNICORN_BIND": "unix:\(path)", "GUNICORN_WORKERS": "3"]
        try start(["talon", "app:app", "--workers", "2"], environment, in: directory) { process in
            let client = HTTPClient(.unix(path))
            try eventually("it answers", within: .seconds(30)) { (try? client.get("/").text) == "contained" }
            try eventually("two workers") { workers(of: process) == 2 }
        }
    }

    @Test func `runs another program as it is`() throws {
        let result = try run("\(examples)/container/entrypoint.sh", ["sh", "-c", "echo $0-$1", "a", "b"])
        #expect(result.status == 0 && result.output == "a-b\n", "\(result.error)")
    }
}

@Suite struct `The example of a service` {
    @Test(.enabled(if: Files.exists("/usr/bin/systemd-analyze")))
    func `for systemd is one that systemd understands`() throws {
        let directory = try TemporaryDirectory()
        for unit in ["app.service", "app.socket"] {
            // The program, the user and the folders of the example are not on this machine.
            let text = try #require(Files.text("\(examples)/systemd/\(unit)"))
                .split(separator: "\n", omittingEmptySubsequences: false)
                .filter { !$0.hasPrefix("User=") && !$0.hasPrefix("WorkingDirectory=") }
                .map { $0.hasPrefix("ExecStart=") ? "ExecStart=/bin/true" : String($0) }
            try directory.write(text.joined(separator: "\n"), to: unit)
        }
        let result = try run(
            "/usr/bin/systemd-analyze", ["verify", directory.file("app.service"), directory.file("app.socket")])
        let complaints = (result.output + result.error).split(separator: "\n").filter { $0.contains(directory.path) }
        #expect(complaints.isEmpty && result.status == 0, "\(result.output)\(result.error)")
    }

    @Test(arguments: ["openrc/app", "container/entrypoint.sh"])
    func `is a script that the shell understands`(script: String) throws {
        let result = try run("/bin/sh", ["-n", "\(examples)/\(script)"])
        #expect(result.status == 0, "\(result.error)")
        #expect(access("\(examples)/\(script)", X_OK) == 0)
    }

    @Test func `has only options that there are`() throws {
        let help = try talon("--help").output
        for file in ["systemd/app.service", "openrc/app", "container/entrypoint.sh"] {
            let text = try #require(Files.text("\(examples)/\(file)"))
            let commands = text.split(separator: "\n").filter {
                !$0.hasPrefix("#") && ($0.contains("talon ") || $0.contains("command_args"))
            }
            #expect(!commands.isEmpty)
            for word in commands.joined(separator: " ").split(separator: " ") {
                guard let start = word.firstRange(of: "--")?.lowerBound else { continue }
                #expect(help.contains(word[start...]), "\(file): \(word)")
            }
        }
    }
}
