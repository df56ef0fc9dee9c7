import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `A plugin in its hook runner` {
    @Test(arguments: Misbehaviour.all)
    func `misbehaves at when_ready, and the server never noticed`(kind: Misbehaviour) throws {
        let directory = try applicationDirectory()
        let entry = try Misbehaviour.entry(kind.act, at: "when_ready", ", timeout: 0.5")
        try serving("app:app", "--plugin", entry, in: directory) { server in
            let answer = try server.client.get("/").text
            #expect(answer == "ok")
            let outcomes = try Misbehaviour.outcomes(server, at: "when_ready")
            #expect(outcomes.count == 1 && outcomes.isSubset(of: kind.isolated), "\(outcomes)")
            #expect(server.log.contains("Metrics server started"), "the default hook runs")
            // Its other hooks are called in a runner that lives.
            server.signal(SIGTERM)
            let end = try server.waitForExit(within: .seconds(20))
            #expect(end == .exited(0))
        }
    }

    @Test(arguments: ["on_starting", "when_ready", "nworkers_changed", "pre_fork"])
    func `crashes at any point of the start, and workers are started all the same`(point: String) throws {
        let directory = try applicationDirectory()
        let entry = try Misbehaviour.entry("segv", at: point)
        try serving("app:app", "--plugin", entry, in: directory, workers: 2) { server in
            let answer = try server.client.get("/").text
            #expect(answer == "ok")
            try eventually("the crash at \(point) is counted") {
                try Misbehaviour.outcomes(server, at: point).contains("crashed")
            }
        }
    }

    @Test(arguments: ["segv", "loop"], ["on_reload", "child_exit"])
    func `crashes or hangs at a reload, which goes on`(act: String, point: String) throws {
        let directory = try applicationDirectory()
        let entry = try Misbehaviour.entry(act, at: point, ", timeout: 0.3")
        try serving("app:app", "--plugin", entry, in: directory) { server in
            let before = try server.client.get("/pid").text
            server.signal(SIGHUP)
            try server.waitForLog("Reloaded")
            try eventually("a new worker answers") {
                (try? server.client.get("/pid").text).map { $0 != before } ?? false
            }
            try eventually("the outcome at \(point) is counted") {
                let outcomes = try Misbehaviour.outcomes(server, at: point)
                return outcomes.contains(act == "segv" ? "crashed" : "timed_out")
            }
        }
    }

    @Test(arguments: ["segv", "loop", "exit"], ["on_stopping", "on_exit"])
    func `crashes or hangs at the end, which is in good order`(act: String, point: String) throws {
        let directory = try applicationDirectory()
        let entry = try Misbehaviour.entry(act, at: point, ", timeout: 0.3")
        try serving("app:app", "--plugin", entry, in: directory) { server in
            server.signal(SIGTERM)
            let end = try server.waitForExit(within: .seconds(20))
            #expect(end == .exited(0))
            #expect(server.logLines.contains { $0.contains(Misbehaviour.plugin) && $0.contains(point) })
        }
    }
}
