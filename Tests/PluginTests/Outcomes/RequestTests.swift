import Glibc
import TalonTesting
import Testing

/// An entry of `--plugin` for acts.c.
private func acts(
    _ name: String = "acts", _ deeds: [String: String] = [:], _ more: String = "", flags: [String] = []
) throws -> String {
    let path = try Compiler.sharedObject(file: "plugins/acts.c", flags: ["-DNAME=\"\(name)\""] + flags)
    let config = deeds.map { "\($0.key): \"\($0.value)\"" }.joined(separator: ", ")
    return "{path: \(path), config: {\(config)}\(more)}"
}

/// The numbers of talon.server/1.
private enum Kind {
    static let reload = 3
    static let reopenLogs = 4
    static let addWorker = 5
    static let removeWorker = 6
    static let restartWorker = 7
    static let runDefault = 9
}

extension TemporaryDirectory {
    fileprivate func answers(_ hook: String) -> [String] { told(hook).map { $0["answer"] }.filter { !$0.isEmpty } }
}

@Suite(.serialized) struct `What a plugin requests` {
    @Test func `of the workers is done after the call`() throws {
        let directory = try applicationDirectory()
        let options = TalonServer.Options.telling(in: directory)
        let entry = try acts(
            "acts",
            ["on_reload": "request:\(Kind.addWorker):", "child_exit": "request:\(Kind.removeWorker):"])
        try serving("app:app", "--plugin", entry, in: directory, options: options) { server in
            server.signal(SIGHUP)
            try server.waitForLog("Reloaded")
            try eventually("a worker more, and one less when the old one has ended") {
                directory.answers("child_exit").first == "0" && server.workerPids().count == 1
            }
            #expect(directory.answers("on_reload") == ["0"])
        }
    }

    @Test func `is a restart of one worker`() throws {
        let directory = try applicationDirectory()
        let options = TalonServer.Options.telling(in: directory)
        let entry = try acts("acts", ["on_reload": "request:\(Kind.restartWorker):0;request:\(Kind.reload):;first:2"])
        try serving("app:app", "--plugin", entry, in: directory, options: options) { server in
            let before = server.workerPids()
            server.signal(SIGHUP)
            try eventually("another worker serves") {
                server.workerPids().count == 1 && server.workerPids() != before
            }
            #expect(directory.answers("on_reload") == ["0", "-1"])
            #expect(!server.log.contains("Reloaded"))
        }
    }

    @Test func `is an end of its own worker, which serves until another does`() throws {
        let directory = try applicationDirectory()
        let options = TalonServer.Options.telling(in: directory)
        let entry = try acts("acts", ["pre_request": "request:\(Kind.restartWorker):"], flags: ["-DPER_REQUEST"])
        try serving("app:app", "--plugin", entry, in: directory, options: options) { server in
            // Each worker asks at its first request, so the pid is told by the log.
            let line = try server.waitForLog(" retires: plugin org.talon.test.acts asks for it")
            let worker = try #require(line.split(separator: "(pid:").last?.prefix { $0.isNumber }).description
            try eventually("another serves") {
                (try? server.client.get("/pid").text).map { $0 != worker } == true
            }
            try eventually("the end is the plugin's, and in good order") {
                let page = try server.metrics()
                return page.value("talon_worker_exits_total", ["reason": "plugin"]) ?? 0 >= 1
            }
            #expect(server.log.contains("Worker exiting (pid: \(worker))"))
        }
    }

    @Test func `is the default hook, which then runs once`() throws {
        let directory = try applicationDirectory()
        let options = TalonServer.Options.telling(in: directory)
        let entry = try acts(
            "acts", ["when_ready": "request:\(Kind.runDefault):;request:\(Kind.runDefault):", "on_starting": "first:1"])
        try starting("app:app", "--plugin", entry, in: directory, options: options) { server in
            _ = try server.waitUntilAnswers("/")
            #expect(directory.answers("when_ready") == ["0", "-1"])
            #expect(server.logLines.filter { $0.contains("Metrics server started") }.count == 1)
            #expect(!server.log.contains("Master metrics initialized"), "the plugin handled on_starting")
        }
    }

    @Test func `at pre_fork is no reload: each would ask for the next`() throws {
        let directory = try applicationDirectory()
        let options = TalonServer.Options.telling(in: directory)
        try serving(
            "app:app", "--plugin", try acts("acts", ["pre_fork": "request:\(Kind.reload):"]), in: directory,
            options: options
        ) { _ in
            #expect(directory.answers("pre_fork") == ["-1"])
        }
    }

    @Test func `is that logs are opened anew`() throws {
        let directory = try applicationDirectory()
        let options = TalonServer.Options.telling(in: directory)
        let entry = try acts("acts", ["on_reload": "request:\(Kind.reopenLogs):;first:2"])
        try serving(
            "app:app", "--error-logfile", "error.log", "--plugin", entry, in: directory, options: options
        ) { server in
            rename(directory.file("error.log"), directory.file("old.log"))
            server.signal(SIGHUP)
            try eventually("the log is there again") {
                (directory.text("error.log") ?? "").contains("Reload refused")
            }
            #expect(directory.answers("on_reload") == ["0"])
        }
    }
}

@Suite(.serialized) struct `A hook on the server's side` {
    @Test func `does not pay for the time that another plugin takes`() throws {
        let directory = try applicationDirectory()
        let options = TalonServer.Options.telling(in: directory)
        // Both are told of the number of workers first, for which they have a quarter of a second.
        try serving(
            "app:app", "--plugin", try acts("slow", ["on_starting": "sleep:1000"]), "--plugin",
            try acts("quick", [:], ", required: true"), in: directory, options: options
        ) { server in
            #expect(directory.told("on_starting").map(\.plugin) == ["slow", "quick"])
            #expect(!server.log.contains("took too long"))
        }
    }

    @Test(arguments: ["when_ready", "on_stopping", "on_exit"])
    func `that wants to be called again is, before the server goes on`(point: String) throws {
        let directory = try applicationDirectory()
        let options = TalonServer.Options.telling(in: directory)
        let entry = try acts("acts", [point: "first:-2"], ", required: true")
        try serving("app:app", "--plugin", entry, in: directory, options: options) { server in
            server.signal(SIGTERM)
            let end = try server.waitForExit()
            #expect(end == .exited(0))
            #expect(directory.told(point).map { $0["call"] } == ["1", "2"])
        }
    }
}
