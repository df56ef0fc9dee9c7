import TalonTesting
import Testing

@Suite("Metrics of prometheus_client in a preloaded application", .serialized)
struct PreloadedMetricsTests {
    private func files(_ server: TalonServer) -> Set<String> {
        Set(Files.names(in: server.directory.file("metrics")).filter { $0.contains("app-") })
    }

    @Test("count in the slot of each worker, with what was set at the import, and not in the seed")
    func bySlot() throws {
        try serve("shop:app", ["--preload"], workers: 2) { server throws in
            for _ in 0..<6 { _ = try server.client.get("/order") }
            let page = try server.metrics()
            #expect(page.value("shop_orders_total", ["kind": "book"]) == 6)
            #expect(page.value("shop_wait_seconds_bucket", ["le": "1.0"]) == 6)
            #expect(page.value("shop_size_bytes_sum") == 42 && page.value("shop_size_bytes_count") == 6)
            for live in ["", "live"] {
                #expect(Set(page.all("shop_\(live)all").compactMap { $0.labels["pid"] }) == ["app-0", "app-1"])
                for (mode, value) in [("min", 1.0), ("max", 1), ("sum", 2), ("mostrecent", 1)] {
                    #expect(page.value("shop_\(live)\(mode)") == value, "\(live)\(mode)")
                }
            }
            let names = files(server)
            #expect(names.allSatisfy { $0.hasSuffix("_app-0.db") || $0.hasSuffix("_app-1.db") }, "\(names)")
        }
    }

    @Test("go on from where the worker before was, and have no more files")
    func replaced() throws {
        try serve("shop:app", ["--preload"]) { server throws in
            for _ in 0..<3 { _ = try server.client.get("/order") }
            let before = files(server)
            for worker in server.workers() { worker.signal(9) }
            try server.waitForLog("was sent SIGKILL")
            try server.waitUntilReady(workers: 1)
            for _ in 0..<4 { _ = try server.client.get("/order") }
            #expect(try server.metrics().value("shop_orders_total", ["kind": "book"]) == 7)
            #expect(try server.metrics().value("shop_sum") == 1)
            #expect(files(server) == before)
        }
    }
}
