import TalonTesting
import Testing

@Suite("The number of series", .serialized)
struct SeriesBoundTests {
    /// Sends requests of distinct methods, paths, routes and errors, many at a time.
    private func send(_ numbers: Range<Int>, to server: TalonServer) throws {
        let connection = try server.client.connect()
        for start in stride(from: numbers.lowerBound, to: numbers.upperBound, by: 100) {
            let batch = start..<min(start + 100, numbers.upperBound)
            var text = ""
            for number in batch { text += "M\(number) /many/\(number) HTTP/1.1\r\nHost: h\r\n\r\n" }
            try connection.send(text)
            for _ in batch { #expect(try connection.receive(method: "GET").status == 200) }
        }
    }

    @Test("is bounded whatever clients and application choose, and stays so when workers are replaced")
    func bounded() throws {
        let options = ["--metrics-endpoints", "--error-logfile", "/dev/null", "--timeout", "0"]
        try serve("counted:app", options) { server throws in
            let count = 100_000
            try send(0..<count, to: server)
            let failed = "gunicorn_worker_failed_requests_total"
            try eventually("all are counted") { try server.metrics().sum(failed) == Double(count) }
            let page = try server.metrics()
            #expect(page.all(failed).count <= 520, "\(page.all(failed).count)")
            #expect(page.sum("gunicorn_worker_error_handling_total") == Double(count))
            #expect(page.sum(failed, ["error_type": "other", "endpoint": "other"]) == Double(count - 500))
            #expect(page.sum("talon_http_requests_total", ["method": "OTHER"]) == Double(count))
            #expect(page.samples.count < 4500, "\(page.samples.count)")

            for worker in server.workers() { worker.signal(9) }
            try eventually("another worker is there") {
                try server.metrics().all("talon_worker_info").first?.labels["age"] == "2"
            }
            try send(count..<count + 2000, to: server)
            try eventually("all are counted, with those of the first") {
                try server.metrics().sum(failed) == Double(count + 2000)
            }
            let after = try server.metrics()
            for name in [failed, "talon_http_endpoint_requests_total", "talon_http_requests_total"] {
                #expect(after.all(name).count == page.all(name).count, "\(name)")
            }
        }
    }
}
