import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `CLEANUP_DB_FILES` {
    /// More than any process can have.
    private static let deadPid = 5_000_000
    private static let total = "gunicorn_worker_requests_total"
    private static let since = "talon_counting_since_timestamp_seconds"

    private func options(_ value: String?) -> TalonServer.Options {
        var options = TalonServer.Options()
        options.environment["CLEANUP_DB_FILES"] = value
        return options
    }

    /// Leaves a file as prometheus_client in a process with this pid would.
    private func leave(_ pid: Int, orders: Int, in server: TalonServer) throws {
        let script = """
            import os
            import prometheus_client.values as values
            values.ValueClass = values.MultiProcessValue(lambda: os.environ["PID"])
            from prometheus_client import Counter
            Counter("orders", "Orders").inc(\(orders))
            """
        let result = try run(
            TestEnvironment.python(), ["-c", script],
            environment: ["PROMETHEUS_MULTIPROC_DIR": server.directory.file("metrics"), "PID": "\(pid)"])
        try #require(result.status == 0, "\(result.error)")
    }

    @Test(arguments: [nil, "false", "no", "nonsense"] as [String?])
    func `not set, or set to anything but yes, keeps every file and goes on counting`(value: String?) throws {
        let directory = try applicationDirectory()
        var began: Double?
        try serving("app:app", in: directory) { server in
            began = try server.metrics().value(Self.since)
            for _ in 0..<20 { _ = try server.client.get("/") }
            try leave(Self.deadPid, orders: 3, in: server)
            try eventually("they are counted") { try server.metrics().sum(Self.total) >= 20 }
        }
        try serving("app:app", in: directory, options: options(value)) { server in
            let page = try server.metrics()
            #expect(page.sum(Self.total) >= 20)
            #expect(page.value(Self.since) == began && began ?? 0 > 0)
            #expect(page.value("orders_total") == 3)
            #expect(Files.exists(directory.file("metrics/counter_\(Self.deadPid).db")))
        }
    }

    @Test(arguments: ["true", "1", "YES", "on"])
    func `set starts at 0, and joins what ended processes leave without a total that goes back`(value: String) throws {
        let directory = try applicationDirectory()
        var began: Double?
        try serving("app:app", in: directory) { server in
            began = try server.metrics().value(Self.since)
            for _ in 0..<200 { _ = try server.client.get("/") }
            try leave(Self.deadPid, orders: 3, in: server)
        }
        try serving("app:app", in: directory, workers: 2, options: options(value)) { server in
            #expect(try server.metrics().sum(Self.total) < 100)
            let restarted = try #require(try server.metrics().value(Self.since))
            #expect(restarted > began ?? .infinity)
            #expect(try server.metrics().all("orders_total").isEmpty)
            #expect(!server.log.contains("[ERROR]"))
            var last = (orders: 0.0, requests: 0.0)
            func look() throws {
                let page = try server.metrics()
                let now = (orders: page.sum("orders_total"), requests: page.sum(Self.total))
                #expect(now.orders >= last.orders && now.requests >= last.requests, "\(last) became \(now)")
                last = now
            }
            for round in 1...3 {
                try leave(Self.deadPid + round, orders: 5, in: server)
                for _ in 0..<10 { _ = try server.client.get("/") }
                try look()
                let worker = try #require(server.workerPids().first)
                kill(worker, SIGKILL)
                try eventually("another takes its place") {
                    try look()
                    let pids = server.workerPids()
                    return pids.count == 2 && !pids.contains(worker)
                }
            }
            try eventually("the files of the dead are gone", within: .seconds(40)) {
                try look()
                return !Files.names(in: directory.file("metrics")).contains { $0.contains("\(Self.deadPid / 1000)") }
            }
            #expect(try server.metrics().value("orders_total") == 15)
            #expect(try server.metrics().sum("talon_metrics_retired_files_total") >= 3)
            #expect(try server.metrics().value(Self.since) == restarted)
            // The exporter is killed: the next one goes on with the archive.
            kill(try server.exporter().pid, SIGKILL)
            try eventually("there is another exporter") { (try? server.metrics())?.value("orders_total") == 15 }
        }
    }
}
