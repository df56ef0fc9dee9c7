import Glibc
import TalonTesting
import Testing

/// What a page says of the ends of workers.
struct WorkerEnds: Equatable {
    /// By reason; those that are 0 are left out.
    var exits: [String: Double] = [:]
    /// By reason and restart type.
    var restarts: [String: Double] = [:]

    static let masterFamily = "gunicorn_master_worker_restart_count_total"
    static let workerFamily = "gunicorn_worker_restart_count_total"

    /// Throws when the families contradict each other.
    init(_ page: MetricsPage) throws {
        for sample in page.all("talon_worker_exits_total") where sample.value > 0 {
            exits[sample.labels["reason"] ?? "", default: 0] += sample.value
        }
        var byReason: [String: Double] = [:]
        for sample in page.all(Self.masterFamily) {
            let reason = sample.labels["reason"] ?? ""
            restarts["\(reason) \(sample.labels["restart_type"] ?? "")", default: 0] += sample.value
            byReason["\(sample.labels["worker_id"] ?? "") \(reason)", default: 0] += sample.value
            guard page.value(Self.workerFamily, sample.labels) == sample.value else {
                throw TestFailure("\(Self.workerFamily)\(sample.labels) is not \(sample.value)")
            }
        }
        for sample in page.all("gunicorn_worker_restart_total") {
            let key = "\(sample.labels["worker_id"] ?? "") \(sample.labels["reason"] ?? "")"
            guard byReason[key] == sample.value else {
                throw TestFailure("gunicorn_worker_restart_total of \(key) is not \(byReason[key] ?? 0)")
            }
        }
    }

    var exitCount: Double { exits.values.reduce(0, +) }
}

extension TalonServer {
    func ends() throws -> WorkerEnds { try WorkerEnds(metrics()) }

    /// Does something by which workers end, and checks that just these ends are counted, with this reason, and that the
    /// server has `workers` again.
    func expect(
        _ reason: String, _ type: String, ends count: Int = 1, workers: Int = 2, _ what: () throws -> Void
    ) throws {
        let before = try ends()
        try what()
        try eventually("\(count) more ends than \(before)") {
            // A page may come between the families of one end.
            (try? ends())?.exitCount == before.exitCount + Double(count)
        }
        try waitUntilReady(workers: workers)
        var expected = before
        expected.exits[reason, default: 0] += Double(count)
        expected.restarts["\(reason) \(type)", default: 0] += Double(count)
        let after = try ends()
        #expect(after == expected)
    }
}

@Suite(.serialized) struct `D27: the end of a worker` {
    @Test func `is counted once, with its one reason, whatever the signal`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", in: directory, workers: 2) { server in
            #expect(try server.ends() == WorkerEnds(MetricsPage("")))
            for (signal, reason, type) in [
                (SIGQUIT, "quit", "graceful"), (SIGINT, "quit", "graceful"), (SIGTERM, "signal", "graceful"),
                (SIGKILL, "signal", "forced"), (SIGABRT, "abort", "forced"),
            ] {
                try server.expect(reason, type) { server.workers().first?.signal(signal) }
            }
            // The interpreter comes to a handler of its own only when it runs: the request has it do so.
            let held = try HeldRequest(server, "spin", target: "/spin")
            try server.expect("signal", "forced") { kill(held.worker, SIGSEGV) }
            try server.expect("exit_code", "forced") { _ = try? server.client.get("/die?7") }
            try server.expect("exit_code", "graceful") { _ = try? server.client.get("/die?0") }
        }
    }

    @Test func `by TTOU and HUP has the master's reason`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", in: directory, workers: 2) { server in
            try server.expect("ttou", "graceful", workers: 1) { server.signal(SIGTTOU) }
            // The reload takes the number of the settings again: two come, one goes.
            try server.expect("hup", "graceful") { server.signal(SIGHUP) }
            try server.expect("hup", "graceful", ends: 2) { server.signal(SIGHUP) }
        }
    }

    @Test func `by the time limit is timeout, not the signals that the master used for it`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", "-t", "2", in: directory, workers: 2) { server in
            try server.expect("timeout", "forced") { _ = try HeldRequest(server, "stick", target: "/stick") }
            try server.expect("timeout", "forced") { server.workers().first?.signal(SIGSTOP) }
        }
    }

    @Test func `that never was ready is boot, and those that follow are counted too`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", in: directory, workers: 2) { server in
            try directory.writeApplication(answering: "new", preamble: "raise RuntimeError('broken')")
            server.workers().first?.signal(SIGKILL)
            try server.waitForLogs("exited with code 3.", count: 3)
            let ends = try eventually("three are counted") {
                // A page may come between the families of one end.
                let ends = try? server.ends()
                return ends?.exits["boot"] ?? 0 >= 3 ? ends : nil
            }
            #expect(ends.exits["signal"] == 1 && ends.exits.count == 2)
            #expect(ends.restarts.keys.sorted() == ["boot forced", "signal forced"])
            let starts = try server.metrics().value("talon_worker_starts_total")
            #expect(try #require(starts) >= 5)
        }
    }

    @Test func `in a plugin's hook is the plugin's`() throws {
        let directory = try applicationDirectory()
        let plugin = try Fixture.plugin("exit", in: "pre_request")
        try starting("app:app", "--plugin", plugin, in: directory) { server in
            try eventually("a request ends a worker") {
                _ = try? server.client.get("/")
                return (try? server.metrics())?.value("talon_worker_exits_total", ["reason": "plugin"]) ?? 0 >= 1
            }
            try eventually("no other reason is counted") {
                guard let ends = try? server.ends() else { return false }
                return ends.exits["exit_code"] == nil
            }
        }
    }

    @Test(arguments: [(SIGTERM, "stop"), (SIGINT, "quit"), (SIGQUIT, "quit")])
    func `with the server is an exit, and no restart`(signal: Int32, reason: String) throws {
        let directory = try applicationDirectory()
        let first = try TalonServer(["app:app", "-w", "2"], in: directory)
        try first.waitUntilReady(workers: 2)
        first.signal(signal)
        #expect(try first.waitForExit() == .exited(0))
        // The next run goes on with the numbers of the last.
        try serving("app:app", in: directory, workers: 2) { server in
            let ends = try server.ends()
            #expect(ends.exits == [reason: 2])
            #expect(ends.restarts == [:])
        }
    }
}
