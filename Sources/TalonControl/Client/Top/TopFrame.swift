import TalonMetrics
import TalonPlatform

/// One picture of `top`: lines that fit the screen.
struct TopFrame {
    let lines: [String]
    /// The same for programs.
    let json: JSON

    /// Rates are those between two readings.
    init(_ now: TopReading, since before: TopReading, columns: Int, rows: Int) {
        let seconds = max(Double(now.at - min(before.at, now.at)) / 1e9, 0.001)
        let requests = now.counts.since(before.counts)
        let workers = now.workers.map { TopWorker($0, before.workers, requests, seconds) }
        let busy = workers.map(\.busy).reduce(0, +)
        let threads = workers.map(\.threads).reduce(0, +)
        let rate = requests.total / seconds
        let quantiles = [0.5, 0.99].map { requests.quantile($0) }
        let shown = quantiles.map { $0.map(Self.latency) ?? "-" }
        let status = now.status
        func text(_ name: String) -> String { status[name]?.shown ?? "-" }
        let uptime = ControlText.duration(status["uptime"]?.double ?? 0)
        let head = [
            "talon \(text("version"))  pid \(text("pid"))  up \(uptime)  \(text("state"))  \(text("application"))",
            "workers \(text("workers_ready"))/\(text("workers_target")) ready  busy \(busy)/\(threads) threads  "
                + "generation \(text("generation"))  last reload \(ControlText.lastReload(status["last_reload"]))",
            "req/s \(ControlText.rounded(rate, 1))  p50 \(shown[0])  p99 \(shown[1])",
            "",
        ]
        let table = ControlText.table([TopWorker.head] + workers.map(\.cells)).split(separator: "\n").map(String.init)
        let all = head + table
        let fitting = all.count <= rows ? all : all.prefix(max(1, rows - 1)) + ["… \(all.count - rows + 1) more"]
        lines = fitting.prefix(rows).map { String($0.prefix(columns)) }
        json = .object([
            ("status", status), ("requests_per_second", .real(rate)),
            ("p50_seconds", quantiles[0].map { .real($0) } ?? .null),
            ("p99_seconds", quantiles[1].map { .real($0) } ?? .null), ("workers", .list(workers.map(\.json))),
        ])
    }

    private static func latency(_ seconds: Double) -> String {
        seconds < 1 ? "\(ControlText.rounded(seconds * 1000, 1)) ms" : ControlText.duration(seconds)
    }
}

/// A worker's line.
struct TopWorker {
    static let head = ["SLOT", "PID", "STATE", "BUSY", "REQ/S", "CPU%", "MEMORY", "UPTIME", "RUNNING"]

    let busy: Int
    let threads: Int
    let cells: [String]
    let json: JSON

    init(_ worker: JSON, _ before: [JSON], _ requests: RequestCounts, _ seconds: Double) {
        busy = worker["busy"]?.integer ?? 0
        threads = worker["threads"]?.integer ?? 0
        let id = WorkerFamilies.workerID(slot: worker["slot"]?.integer ?? -1)
        let rate = (requests.byWorker[id] ?? 0) / seconds
        // The same worker: a pid may come again, an age never.
        let earlier = before.first { $0["age"]?.integer == worker["age"]?.integer }
        let used = worker["cpu_seconds"]?.double.map { $0 - (earlier?["cpu_seconds"]?.double ?? 0) }
        // The server reads at most once a second what its workers use.
        let percent = used.map { max(0, $0) / max(seconds, 1) * 100 }
        func text(_ name: String) -> String { worker[name]?.shown ?? "-" }
        cells = [
            text("slot"), text("pid"), text("state"), "\(busy)/\(threads)", ControlText.rounded(rate, 1),
            percent.map { ControlText.rounded($0, 0) } ?? "-", ControlText.size(worker["memory_bytes"]?.double),
            ControlText.duration(worker["uptime"]?.double ?? 0), ControlText.running(worker),
        ]
        json = .object(
            (worker.fields ?? []) + [
                ("requests_per_second", .real(rate)), ("cpu_percent", percent.map { .real($0) } ?? .null),
            ])
    }
}
