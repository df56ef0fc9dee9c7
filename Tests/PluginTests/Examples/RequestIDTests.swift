import TalonTesting
import Testing

@Suite(.serialized) struct `The example request-id-c` {
    @Test(arguments: [[], ["--threads", "4"]])
    func `gives each request an id, in its response, in the log and in a count`(options: [String]) throws {
        let directory = try applicationDirectory()
        let folder = try Example.build("request-id-c", in: directory)
        let server = try TalonServer(["app:app", "--plugin", "\(folder)/plugin.yaml"] + options, in: directory)
        defer { try? server.stop() }
        try server.waitUntilReady()
        let client = server.client

        let named = try client.get("/", headers: [("X-Request-ID", "abc-1.2_3~")])
        #expect(named.status == 200 && named.text == "ok")
        #expect(named.all("X-Request-ID") == ["abc-1.2_3~"])
        let line = try server.waitForLog("id=abc-1.2_3~ ")
        #expect(line.contains("[org.talon.example.request-id-c] request "), "\(line)")
        #expect(line.contains("status=200") && line.contains("duration_ms="), "\(line)")

        let first = try #require(try client.get("/")["X-Request-ID"])
        let second = try #require(try client.get("/")["X-Request-ID"])
        #expect(first != second)
        #expect(first.prefix { $0 != "-" }.count == 16)
        try server.waitForLog("id=\(second) status=200")

        let labels = ["source": "client"]
        try eventually("the request with an id is counted") {
            try server.metrics().sum("request_id_requests_total", labels) == 1
        }
    }

    @Test(arguments: ["a b", "x=1", "\"", "é", String(repeating: "a", count: 129)])
    func `takes no id that would do harm in a log`(id: String) throws {
        let directory = try applicationDirectory()
        let folder = try Example.build("request-id-c", in: directory)
        try serving("app:app", "--plugin", "\(folder)/plugin.yaml", in: directory) { server in
            let given = try #require(try server.client.get("/", headers: [("X-Request-ID", id)])["X-Request-ID"])
            #expect(given != id && given.count < 64)
        }
    }
}
