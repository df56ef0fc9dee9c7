import TalonTesting
import Testing

@Suite("Metrics of prometheus_client in the application", .serialized)
struct PythonMetricsTests {
    private func files(_ server: TalonServer) -> Set<String> {
        Set(Files.names(in: server.directory.file("metrics")).filter { $0.contains("app-") })
    }

    @Test("are served in every type and mode, with the slot in place of the pid")
    func modes() throws {
        try serve("shop:app", workers: 2) { server throws in
            for _ in 0..<6 { _ = try server.client.get("/order") }
            let page = try server.metrics()
            #expect(page.value("shop_orders_total", ["kind": "book"]) == 6)
            #expect(page.types["shop_orders_total"] == "counter" && page.helps["shop_orders_total"] == "Orders taken")
            #expect(page.value("shop_wait_seconds_bucket", ["le": "0.1"]) == 0)
            #expect(page.value("shop_wait_seconds_bucket", ["le": "1.0"]) == 6)
            #expect(page.value("shop_wait_seconds_sum") == 3 && page.value("shop_wait_seconds_count") == 6)
            #expect(page.value("shop_size_bytes_sum") == 42 && page.value("shop_size_bytes_count") == 6)
            for live in ["", "live"] {
                #expect(Set(page.all("shop_\(live)all").compactMap { $0.labels["pid"] }) == ["app-0", "app-1"])
                for (mode, value) in [("min", 1.0), ("max", 1), ("sum", 2), ("mostrecent", 1)] {
                    #expect(page.value("shop_\(live)\(mode)") == value, "\(live)\(mode)")
                    #expect(page.types["shop_\(live)\(mode)"] == "gauge")
                }
            }
            let names = files(server)
            let kinds = ["histogram", "summary"]
            for slot in 0..<2 { #expect(kinds.allSatisfy { names.contains("\($0)_app-\(slot).db") }, "\(names)") }
            #expect(names.allSatisfy { $0.hasSuffix("_app-0.db") || $0.hasSuffix("_app-1.db") }, "\(names)")
        }
    }

    @Test("do not go back, and have no more files, when a worker is killed 20 times under load")
    func recycled() throws {
        try serve("shop:app") { server throws in
            _ = try server.client.get("/order")
            let before = files(server)
            let load = try Load(server.endpoint, target: "/order", clients: 2)
            var last = 0.0
            for round in 1...20 {
                let answers = load.answers
                try eventually("some are answered in round \(round)") { load.answers > answers + 3 }
                let pids = server.workerPids()
                for worker in server.workers() { worker.signal(9) }
                try eventually("another worker has come") {
                    let now = try server.metrics().sum("shop_orders_total")
                    #expect(now >= last, "from \(last) to \(now)")
                    last = now
                    return !server.workerPids().isEmpty && Set(server.workerPids()).isDisjoint(with: pids)
                }
            }
            try load.stop()  // what was under way at a kill has failed
            #expect(try server.metrics().sum("shop_orders_total") >= Double(load.answers + 1))
            #expect(files(server) == before)
        }
    }

    @Test("lose what is live with its worker, and nothing else")
    func live() throws {
        try serve("shop:app", workers: 2) { server throws in
            #expect(try server.metrics().value("shop_livesum") == 2)
            try server.directory.write("", to: "silent")
            let victim = try #require(server.workers().first)
            victim.signal(9)
            try eventually("the worker is gone from the live gauges") {
                try server.metrics().value("shop_livesum") == 1
            }
            try eventually("another worker is there") {
                let info = try server.metrics().all("talon_worker_info").compactMap { $0.labels["age"] }
                return info.sorted() == ["2", "3"] || info.sorted() == ["1", "3"]
            }
            #expect(try server.metrics().value("shop_sum") == 2)
        }
    }

    @Test("of what the application forks have files of their own, and nothing is lost")
    func forked() throws {
        try serve("shop:app") { server throws in
            for _ in 0..<3 { #expect(try server.client.get("/order").status == 200) }
            for _ in 0..<4 { #expect(try server.client.get("/fork").status == 200) }
            for _ in 0..<3 { #expect(try server.client.get("/order").status == 200) }
            #expect(try server.metrics().value("shop_orders_total", ["kind": "book"]) == 10)
            #expect(files(server).count { $0.hasPrefix("counter_app-0-") } == 4)
        }
    }

    @Test("follow the slot too when they are there before the worker boots")
    func imported() throws {
        let directory = try TemporaryDirectory()
        let early = """
            from prometheus_client import Counter
            early = Counter("early", "Made before the worker boots")
            """
        try directory.write(early, to: "sitecustomize.py")
        let source = """
            import sitecustomize
            def app(environ, start_response):
                sitecustomize.early.inc()
                start_response("200 OK", [])
                return [b"ok"]
            """
        try directory.write(source, to: "late.py")
        try serve(
            "late:app", ["--chdir", directory.path], environment: ["PYTHONPATH": directory.path], in: nil,
            directory: directory
        ) { server throws in
            for _ in 0..<3 { #expect(try server.client.get("/").status == 200) }
            let before = try server.metrics().sum("early_total")
            #expect(before >= 4)
            #expect(files(server).contains("counter_app-0.db"))
            for worker in server.workers() { worker.signal(9) }
            try server.waitUntilReady(workers: 1)
            #expect(try server.metrics().sum("early_total") > before)
        }
    }

    @Test("do not keep an application from starting when there is no folder for them")
    func noFolder() throws {
        let directory = try TemporaryDirectory()
        try directory.write("not a folder", to: "metrics")
        try serve("measured:app", directory: directory) { server throws in
            #expect(try server.client.get("/").text == "thank you")
            try server.waitForLog("is no folder that can be written")
        }
    }

    @Test("are the application's own business without Talon's")
    func untouched() throws {
        try serve("counted:app", ["--no-metrics"]) { server throws in
            #expect(try server.client.get("/finders").text == "Fa")
        }
        try serve("counted:app") { server throws in
            #expect(try server.client.get("/finders").text == "Tr")
        }
    }
}
