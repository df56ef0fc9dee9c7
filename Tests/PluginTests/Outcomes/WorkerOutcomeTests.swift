import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `A plugin in a worker` {
    private static let isolations = ["inline", "guarded"]

    private func expected(_ kind: Misbehaviour, _ isolation: String) -> Set<String> {
        isolation == "inline" ? kind.inline : kind.guarded
    }

    @Test(arguments: Misbehaviour.all, Self.isolations)
    func `misbehaves at post_fork, and the server serves`(kind: Misbehaviour, isolation: String) throws {
        // A worker without its descriptors at the start is the master's to replace, again and again.
        guard kind.act != "close" else { return }
        let directory = try applicationDirectory()
        let entry = try Misbehaviour.entry(kind.act, at: "post_fork", ", isolation: \(isolation), timeout: 0.4")
        try starting("app:app", "--plugin", entry, in: directory) { server in
            let answer = try server.waitUntilAnswers("/", within: .seconds(60)).text
            #expect(answer == "ok")
            let allowed = expected(kind, isolation)
            try eventually("the outcome is counted") {
                !(try Misbehaviour.outcomes(server, at: "post_fork")).isDisjoint(with: allowed)
            }
            let others = try Misbehaviour.outcomes(server, at: "post_fork").subtracting(allowed)
            #expect(others.isSubset(of: ["breaker_open"]), "\(others)")
        }
    }

    @Test(arguments: Misbehaviour.all, Self.isolations)
    func `misbehaves in a request, and no other request fails`(kind: Misbehaviour, isolation: String) throws {
        let directory = try applicationDirectory()
        let entry = try Misbehaviour.entry(kind.act, at: "pre_request", ", isolation: \(isolation)")
        try serving(
            "app:app", "--plugin", entry, "--timeout", "2", "--graceful-timeout", "3", in: directory, workers: 2
        ) { server in
            let load = try Load(server.endpoint, clients: 2)
            try eventually("the load runs") { load.answers > 20 }
            let answer = try? server.client.get("/misbehave")
            let isContained = isolation == "guarded" && expected(kind, isolation) == ["crashed"]
            if isContained || !kind.endsWorker { #expect(answer?.status == 200) }
            try eventually("the outcome is counted", within: .seconds(30)) {
                !(try Misbehaviour.outcomes(server, at: "pre_request")).subtracting(["ok"])
                    .isDisjoint(with: expected(kind, isolation)) || !kind.endsWorker || kind.act == "longjmp"
                    || kind.act == "close"
            }
            let before = load.answers
            try eventually("the load goes on") { load.answers > before + 50 }
            let failures = try load.stop()
            // A connection that the ended worker had taken goes with it; the clients try the others again.
            #expect(failures.count <= (kind.endsWorker ? 1 : 0), "\(failures)")
            try server.waitForWorkers(2)
        }
    }

    @Test(arguments: ["post_worker_init", "worker_exit"])
    func `crashes at the other points, and the server serves`(point: String) throws {
        let directory = try applicationDirectory()
        let entry = try Misbehaviour.entry("segv", at: point)
        try starting("app:app", "--plugin", entry, in: directory) { server in
            let answer = try server.waitUntilAnswers("/", within: .seconds(60)).text
            #expect(answer == "ok")
            if point == "worker_exit" { for pid in server.workerPids() { kill(pid, SIGTERM) } }
            try eventually("the crash at \(point) is counted") {
                (try? Misbehaviour.outcomes(server, at: point).contains("crashed")) == true
            }
            let later = try server.waitUntilAnswers("/", within: .seconds(60)).text
            #expect(later == "ok")
        }
    }

    @Test(arguments: ["segv", "loop", "exit"])
    func `misbehaves after a request, whose answer is out`(act: String) throws {
        let directory = try applicationDirectory()
        let entry = try Misbehaviour.entry(act, at: "post_request")
        try serving("app:app", "--plugin", entry, "--timeout", "2", in: directory, workers: 2) { server in
            let answer = try server.client.get("/misbehave").status
            #expect(answer == 200)
            try eventually("the outcome is counted", within: .seconds(30)) {
                let outcomes = try Misbehaviour.outcomes(server, at: "post_request")
                return !outcomes.isDisjoint(with: ["crashed", "timed_out", "exited"])
            }
            let later = try server.waitUntilAnswers("/").text
            #expect(later == "ok")
        }
    }
}
