import TalonTesting
import Testing

@Suite("The folder of the metric files", .serialized)
struct FolderTests {
    /// What prometheus_client's own collector reads there, as a page.
    private func collected(_ server: TalonServer) throws -> MetricsPage {
        let script = """
            from prometheus_client import CollectorRegistry, generate_latest
            from prometheus_client.multiprocess import MultiProcessCollector
            registry = CollectorRegistry()
            MultiProcessCollector(registry)
            print(generate_latest(registry).decode(), end="")
            """
        let result = try run(
            TestEnvironment.python(), ["-c", script],
            environment: ["PROMETHEUS_MULTIPROC_DIR": server.directory.file("metrics")])
        try #require(result.status == 0, "\(result.error)")
        return try MetricsPage(result.output)
    }

    @Test("is read by prometheus_client's MultiProcessCollector, with the same totals")
    func interoperation() throws {
        try serve("probe:app", workers: 2) { server throws in
            for _ in 0..<20 { _ = try server.client.get("/") }
            for _ in 0..<3 { _ = try server.client.get("/fail") }
            _ = try server.client.request("POST", "/echo", body: [UInt8](repeating: 1, count: 5000))
            for _ in 0..<4 { _ = try server.exchange("nonsense\r\n\r\n") }
            _ = try server.settledRequests()
            try eventually("the refusals are counted") {
                try server.metrics().sum("gunicorn_worker_error_handling_total", ["method": "UNKNOWN"]) == 4
            }
            let ours = try server.metrics()
            let theirs = try collected(server)
            for family in Family.all where family.type != "gauge" {
                #expect(theirs.types[family.name] == family.type, "\(family.name)")
                #expect(theirs.helps[family.name] == family.help, "\(family.name)")
                for name in family.sampleNames {
                    for sample in ours.all(name) {
                        let other =
                            theirs.value(name, sample.labels.mapValues { $0 })
                            ?? theirs.all(name, ["worker_id": sample.labels["worker_id"] ?? ""])
                            .first { Double($0.labels["le"] ?? "") == Double(sample.labels["le"] ?? "") }?.value
                        #expect(other == sample.value, "\(name) \(sample.labels)")
                    }
                }
            }
            #expect(theirs.sum("gunicorn_worker_error_handling_total") == 4 + 3)
            #expect(theirs.sum("gunicorn_worker_failed_requests_total", ["error_type": "RuntimeError"]) == 3)
            #expect(theirs.sum("talon_http_requests_total") == ours.sum("talon_http_requests_total"))
        }
    }

    private static func gaugeMode(of file: String) -> String? {
        let parts = file.split(separator: "_")
        return parts.count > 2 && parts[0] == "gauge" ? String(parts[1]) : nil
    }

    @Test("has the workers' gauges in mode mostrecent, for other readers")
    func gauges() throws {
        try serve("probe:app", workers: 2) { server throws in
            let files = Files.names(in: server.directory.file("metrics"))
            // Of the mode min is the master's that says since when all of it counts.
            #expect(Set(files.compactMap(Self.gaugeMode)) == ["mostrecent", "min"], "\(files)")
            #expect(files.contains("gauge_min_master.db"), "\(files)")
            try eventually("both workers have written theirs", within: .seconds(40)) {
                let page = try collected(server)
                return ["memory_bytes", "cpu_percent", "uptime_seconds"].allSatisfy { name in
                    let found = page.all("gunicorn_worker_\(name)")
                    return Set(found.compactMap { $0.labels["worker_id"] }) == FamilyTests.workerIds
                        && found.allSatisfy { $0.labels["pid"] == nil }
                }
            }
            let ours = try server.metrics()
            let theirs = try collected(server)
            for worker in FamilyTests.workerIds {
                let name = "gunicorn_worker_memory_bytes"
                let memory = try #require(theirs.value(name, ["worker_id": worker]))
                let now = try #require(ours.value(name, ["worker_id": worker]))
                #expect(memory > now * 0.5 && memory < now * 2, "\(memory), now \(now)")
            }
        }
    }

    @Test("may have files that are no metrics: the others are served, and each is reported once")
    func garbage() throws {
        let noise = (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 11) }
        let files: [(String, [UInt8])] = [
            ("counter_90.db", noise), ("histogram_91.db", []), ("gauge_mostrecent_92.db", [1, 2, 3]),
            ("counter_93.db", [0xFF, 0xFF, 0xFF, 0x7F, 0, 0, 0, 0] + noise),
            ("counter_94.db", [200, 0, 0, 0, 0, 0, 0, 0, 0xF0, 0xFF, 0xFF, 0xFF] + noise.prefix(300)),
        ]
        try serve("probe:app", workers: 2) { server throws in
            for (name, bytes) in files { try Files.write(bytes, to: server.directory.file("metrics/\(name)")) }
            try Files.write(noise, to: server.directory.file("metrics/notes.txt"))
            let before = try server.settledRequests()
            for _ in 0..<5 { _ = try server.client.get("/") }
            try eventually("the good files are served") {
                try server.metrics().sum("gunicorn_worker_requests_total") == before + 5
            }
            for _ in 0..<5 { _ = try server.metrics() }
            for (name, _) in files where name != "histogram_91.db" {
                try server.waitForLog(name)
                #expect(server.logCount(name) == 1, "\(name) was reported \(server.logCount(name)) times")
            }
            #expect(server.logCount("histogram_91.db") <= 1)
            #expect(server.logCount("notes.txt") == 0)
            let exporter = try server.exporter().pid
            _ = try server.metrics()
            #expect(try server.exporter().pid == exporter)
        }
    }

    @Test("has what Python code in the workers writes: that is served too")
    func pythonMetrics() throws {
        try serve("measured:app", workers: 2) { server throws in
            for _ in 0..<6 { #expect(try server.client.get("/").status == 200) }
            try eventually("the application's own counter is served") {
                // One more for the question of waitUntilReady.
                try server.metrics().sum("shop_orders_total", ["kind": "book"]) == 7
            }
            let page = try server.metrics()
            #expect(page.types["shop_orders_total"] == "counter")
            #expect(page.helps["shop_orders_total"] == "Orders taken")
        }
    }

    @Test("stays empty with --no-metrics, and no port is opened")
    func none() throws {
        let directory = try TemporaryDirectory()
        try serve("probe:app", ["--no-metrics"], workers: 2, directory: directory) { server throws in
            for _ in 0..<5 { #expect(try server.client.get("/").text == "Hello, world!") }
            #expect(try server.client.get("/fail").status == 500)
            #expect(try server.exchange("nonsense\r\n\r\n").status == 400)
            #expect(FreePort.isFree(server.metricsPort))
            #expect(server.children(.exporter).isEmpty)
        }
        #expect(Files.names(in: directory.file("metrics")).isEmpty)
    }
}
