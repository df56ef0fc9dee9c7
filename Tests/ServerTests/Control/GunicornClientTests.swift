import TalonPlatform
import TalonTesting
import Testing

/// gunicorn's own client, of the version in .make/requirements/test.txt.
@Suite(.serialized) struct `The client of gunicorn` {
    private func gunicornc(_ server: TalonServer, _ words: String...) throws -> CommandResult {
        try run(
            try TestEnvironment.python(), ["-m", "gunicorn.ctl.cli"] + words,
            environment: ["PATH": "/usr/bin:/bin", "HOME": server.directory.path], directory: server.directory.path)
    }

    @Test func `finds the server and shows what it tells`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", in: directory, workers: 2) { server in
            let workers = try gunicornc(server, "-c", "show workers")
            #expect(workers.end == .exited(0), "\(workers.error)")
            #expect(workers.output.contains("Total: 2 workers"))
            for pid in server.workerPids() { #expect(workers.output.contains("\(pid)")) }
            #expect(workers.output.split(separator: "\n").filter { $0.contains(" yes ") }.count == 2)
            let stats = try gunicornc(server, "-c", "show stats").output
            #expect(stats.contains("PID:              \(server.pid)") && stats.contains("Workers current:  2"))
            #expect(try gunicornc(server, "-c", "show listeners").output.contains("127.0.0.1:\(server.port)"))
            #expect(try gunicornc(server, "-c", "show config").output.contains("workers: 2"))
            #expect(try gunicornc(server, "-c", "show dirty").output.contains("Dirty arbiter not running"))
            let all = try gunicornc(server, "-c", "show all").output
            #expect(all.contains("PID: \(server.pid)") && all.contains("WEB WORKERS (2)"))
            #expect(try gunicornc(server, "-c", "help").output.contains("worker add [N]"))
            let json = try gunicornc(server, "-j", "-c", "show stats").output
            #expect(try JSON(Array(json.utf8))["pid"]?.integer == Int(server.pid))
            let unknown = try gunicornc(server, "-c", "show nothing")
            #expect(unknown.end == .exited(1) && unknown.error.contains("Error: Invalid argument"))
        }
    }

    @Test func `changes what it asks to be changed`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", "--control-socket", "own.ctl", in: directory) { server in
            func ask(_ command: String) throws -> String {
                let result = try gunicornc(server, "-s", "own.ctl", "-c", command)
                #expect(result.end == .exited(0), "\(command): \(result.error)")
                return result.output
            }
            #expect(try ask("worker add 2").contains("\"total\": 3"))
            try server.waitForWorkers(3)
            #expect(try ask("worker remove").contains("\"removed\": 1"))
            try server.waitForWorkers(2)
            let pid = try #require(server.workerPids().first)
            #expect(try ask("worker kill \(pid)").contains("\"killed\": \(pid)"))
            try eventually("it is gone") { !server.workerPids().contains(pid) }
            #expect(try ask("reload").contains("reloading"))
            try server.waitForLog("Reloaded: the workers of generation 2 serve")
            #expect(try ask("reopen").contains("reopening"))
            #expect(try ask("reload wait").contains("\"outcome\": \"ok\""))
            #expect(try ask("shutdown quick").contains("shutting_down"))
            #expect(try server.waitForExit() == .exited(0))
        }
    }
}
