import TalonTesting
import Testing

/// A family as the exporter's inventory (§4.1) has it.
struct Family: CustomTestStringConvertible, Sendable {
    let name: String
    let type: String
    let help: String
    var bounds: [String] = []

    var testDescription: String { name }

    private static let sizes = [
        "1024.0", "4096.0", "16384.0", "65536.0", "262144.0", "1.048576e+06", "4.194304e+06", "+Inf",
    ]

    /// Those that are there from the start.
    static let all = [
        Family(
            name: "gunicorn_worker_requests_total", type: "counter",
            help: "Total number of requests handled by this worker"),
        Family(
            name: "gunicorn_worker_request_duration_seconds", type: "histogram", help: "Request duration in seconds",
            bounds: ["0.1", "0.5", "1.0", "2.5", "5.0", "10.0", "30.0", "60.0", "+Inf"]),
        Family(name: "gunicorn_worker_memory_bytes", type: "gauge", help: "Memory usage of the worker process"),
        Family(name: "gunicorn_worker_cpu_percent", type: "gauge", help: "CPU usage of the worker process"),
        Family(name: "gunicorn_worker_uptime_seconds", type: "gauge", help: "Uptime of the worker process"),
        Family(
            name: "gunicorn_worker_state", type: "gauge",
            help: "Current state of the worker (1=running, 0=stopped)"),
        Family(
            name: "gunicorn_worker_request_size_bytes", type: "histogram", help: "Request size in bytes", bounds: sizes),
        Family(
            name: "gunicorn_worker_response_size_bytes", type: "histogram", help: "Response size in bytes",
            bounds: sizes),
    ]

    /// What a series of it is called.
    var sampleNames: [String] {
        type == "histogram" ? ["\(name)_bucket", "\(name)_sum", "\(name)_count"] : [name]
    }
}

@Suite("The metrics", .serialized)
struct FamilyTests {
    static let workerIds: Set = ["worker_0", "worker_1"]

    @Test("have the exporter's names, types, helps and buckets, for each worker, idle ones too")
    func families() throws {
        try serve("probe:app", workers: 2) { server throws in
            let page = try server.metrics()
            for family in Family.all {
                #expect(page.types[family.name] == family.type, "\(family.name)")
                #expect(page.helps[family.name] == family.help, "\(family.name)")
                for sample in family.sampleNames {
                    let series = page.all(sample)
                    #expect(Set(series.compactMap { $0.labels["worker_id"] }) == Self.workerIds, "\(sample)")
                    var labels: Set = ["worker_id"]
                    if sample.hasSuffix("_bucket") { labels.insert("le") }
                    if sample == "gunicorn_worker_state" { labels.insert("state") }
                    for one in series { #expect(Set(one.labels.keys) == labels, "\(sample)") }
                }
                for worker in Self.workerIds where !family.bounds.isEmpty {
                    let buckets = page.all("\(family.name)_bucket", ["worker_id": worker])
                    let bounds = buckets.compactMap { Double($0.labels["le"] ?? "") ?? .infinity }
                    #expect(bounds == family.bounds.map { Double($0) ?? .infinity }, "\(family.name)")
                    let values = buckets.map(\.value)
                    #expect(values == values.sorted(), "\(family.name) is cumulative")
                    #expect(values.last == page.value("\(family.name)_count", ["worker_id": worker]))
                }
            }
        }
    }

    @Test("have one series of gunicorn_worker_state for each worker and state")
    func states() throws {
        try serve("probe:app", workers: 2) { server throws in
            for _ in 0..<3 {
                _ = try server.client.get("/")
                let page = try server.metrics()
                #expect(page.all("gunicorn_worker_state").count == 6)
                for worker in Self.workerIds {
                    for (state, value) in [("running", 1.0), ("quitting", 0), ("aborting", 0)] {
                        #expect(page.value("gunicorn_worker_state", ["worker_id": worker, "state": state]) == value)
                    }
                }
            }
        }
    }

    @Test("have the label pid in talon_worker_info and nowhere else")
    func pidLabel() throws {
        try serve("probe:app", workers: 2) { server throws in
            _ = try server.exchange("nonsense\r\n\r\n")
            let page = try server.metrics()
            let holders = Set(page.samples.filter { $0.labels["pid"] != nil }.map(\.name))
            #expect(holders == ["talon_worker_info"])
            let info = page.all("talon_worker_info")
            #expect(info.count == 2)
            for one in info {
                #expect(Set(one.labels.keys) == ["worker_id", "pid", "age", "generation"])
                #expect(one.value == 1)
                #expect(one.labels["generation"] == "1")
            }
            #expect(Set(info.compactMap { $0.labels["pid"].flatMap { Int32($0) } }) == Set(server.workerPids()))
            #expect(Set(info.compactMap { $0.labels["worker_id"] }) == Self.workerIds)
            #expect(Set(info.compactMap { $0.labels["age"] }).count == 2)
        }
    }

    @Test("tell the worker's own memory, processor time and uptime as the kernel does, for an idle one too")
    func process() throws {
        try serve("probe:app", workers: 2) { server throws in
            let pages = try (server.metrics(), { pause(milliseconds: 300) }(), server.metrics())
            for info in pages.2.all("talon_worker_info") {
                let pid = try #require(info.labels["pid"])
                let worker = ["worker_id": info.labels["worker_id"] ?? ""]
                let resident = try #require(Files.text("/proc/\(pid)/statm")?.split(separator: " ")[1])
                let expected = try #require(Double(resident)) * 4096
                let memory = try #require(pages.2.value("gunicorn_worker_memory_bytes", worker))
                #expect(memory > expected * 0.8 && memory < expected * 1.2, "\(memory) for \(expected)")
                let cpu = try #require(pages.2.value("gunicorn_worker_cpu_percent", worker))
                #expect(cpu >= 0 && cpu < 1000)
                let first = try #require(pages.0.value("gunicorn_worker_uptime_seconds", worker))
                let second = try #require(pages.2.value("gunicorn_worker_uptime_seconds", worker))
                #expect(first > 0 && second > first && second - first >= 0.2)
            }
        }
    }

    @Test("tell the memory of the worker that has grown, not that of another process")
    func ownMemory() throws {
        try serve("probe:app", workers: 2) { server throws in
            let grown = try server.answeringPid("/grow?mebibytes=150")
            let page = try server.metrics()
            for info in page.all("talon_worker_info") {
                let memory = page.value("gunicorn_worker_memory_bytes", ["worker_id": info.labels["worker_id"] ?? ""])
                #expect((try #require(memory) > 150 * 1_048_576) == (info.labels["pid"] == "\(grown)"))
            }
        }
    }
}
