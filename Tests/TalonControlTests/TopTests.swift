import TalonMetrics
import Testing

@testable import TalonControl
@testable import TalonPlatform

private func histogram(_ counts: [(String, Double)]) -> MetricFamily {
    let samples = counts.map {
        Sample(name: "talon_http_request_duration_seconds_bucket", labels: [Label("le", $0.0)], value: $0.1)
    }
    return MetricFamily(
        name: "talon_http_request_duration_seconds", type: .histogram, help: "", samples: samples)
}

private func requests(_ worker: String, _ count: Double) -> MetricFamily {
    MetricFamily(
        name: "gunicorn_worker_requests_total", type: .counter, help: "",
        samples: [
            Sample(name: "gunicorn_worker_requests_total", labels: [Label("worker_id", worker)], value: count)
        ])
}

@Suite struct `The live view` {
    private static let before = RequestCounts([
        histogram([("0.1", 10), ("0.5", 10), ("+Inf", 10)]), requests("worker_0", 10),
    ])
    private static let after = RequestCounts([
        histogram([("0.1", 60), ("0.5", 109), ("+Inf", 110)]), requests("worker_0", 110),
    ])

    private static let running = JSON.object([
        ("seconds", .real(2.5)), ("method", .text("GET")), ("path", .text("/a\u{1b}[2Jb")),
    ])

    private static func worker(_ slot: Int, cpu: Double) -> JSON {
        let fields: [(name: String, value: JSON)] = [
            ("slot", .number(slot)), ("pid", .number(100 + slot)), ("age", .number(slot + 1)),
            ("state", .text("ready")),
            ("busy", .number(1)), ("threads", .number(4)), ("uptime", .real(7)), ("cpu_seconds", .real(cpu)),
            ("memory_bytes", .number(32 << 20)), ("running", .list([running])),
        ]
        return .object(fields)
    }

    private static func frame(workers: Int, columns: Int = 80, rows: Int = 24) -> TopFrame {
        let status = JSON.object([
            ("version", .text("1")), ("pid", .number(9)), ("state", .text("running")),
            ("application", .text("app:app")),
        ])
        func reading(_ at: UInt64, _ cpu: Double, _ counts: RequestCounts) -> TopReading {
            TopReading(
                at: at, status: status, workers: (0..<workers).map { worker($0, cpu: cpu) }, counts: counts)
        }
        return TopFrame(
            reading(2_000_000_000, 1.5, after), since: reading(0, 0.5, before), columns: columns, rows: rows)
    }

    @Test func `counts what came between two readings`() {
        let difference = Self.after.since(Self.before)
        #expect(difference.total == 100)
        #expect(difference.quantile(0.5) == 0.1)
        let nearly = difference.quantile(0.75) ?? 0
        #expect(nearly > 0.3 && nearly < 0.31)
        #expect(difference.quantile(1) == 0.5)
        #expect(RequestCounts().quantile(0.5) == nil)
        #expect(Self.before.since(Self.before).quantile(0.99) == nil)
    }

    @Test func `shows rates, latencies, use and the running request`() throws {
        let frame = Self.frame(workers: 1)
        let text = frame.lines.joined(separator: "\n")
        #expect(text.contains("req/s 50.0  p50 100.0 ms"))
        let line = try #require(frame.lines.last)
        let words = line.split(separator: " ").map(String.init)
        #expect(words.prefix(8) == ["0", "100", "ready", "1/4", "50.0", "50", "32.0", "MiB"])
        #expect(line.hasSuffix("2.50 s GET /a?[2Jb"))
        #expect(frame.json["requests_per_second"]?.double == 50)
    }

    @Test(arguments: [1, 10, 40, 500]) func `fits the screen`(workers: Int) {
        for (columns, rows) in [(80, 24), (40, 5), (20, 1)] {
            let frame = Self.frame(workers: workers, columns: columns, rows: rows)
            #expect(frame.lines.count <= rows)
            #expect(frame.lines.allSatisfy { $0.count <= columns })
        }
    }

    @Test(arguments: [
        (0.004, "0.00 s"), (1.5, "1.50 s"), (42.4, "42 s"), (61, "1m 1s"), (7260, "2h 1m"), (90000, "1d 1h"),
    ])
    func `says durations`(seconds: Double, text: String) {
        #expect(ControlText.duration(seconds) == text)
    }

    @Test(arguments: [(0, "0 B"), (1000, "1.0 KiB"), (33_554_432, "32.0 MiB"), (5e12, "4.5 TiB")])
    func `says sizes`(bytes: Double, text: String) {
        #expect(ControlText.size(bytes) == text)
    }
}
