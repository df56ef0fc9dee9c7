import TalonTesting
import Testing

extension TalonServer {
    /// Runs scenarios of `websocket_client.py`; each has to go as it should.
    fileprivate func drive(_ scenarios: [String]) throws {
        let result = try run(
            try TestEnvironment.python(), ["\(Apps.folder)/websocket_client.py", "\(port)"] + scenarios,
            environment: ["PATH": "/usr/bin:/bin", "PROBE_MASTER": "\(pid)", "PYTHONDONTWRITEBYTECODE": "1"],
            within: .seconds(60))
        #expect(result.output.split(separator: "\n").map(String.init) == scenarios)
        #expect(result.status == 0, "\(result.error)")
    }
}

@Suite("WebSockets (RFC 6455)", .serialized)
struct WebSocketTests {
    private static let scenarios = [
        "messages", "uncompressed", "fragmented", "ping", "client_closes", "server_closes", "subprotocol", "large",
        "vanishes", "many",
    ]
    /// What Tornado, which speaks the protocol by itself, does in other ways.
    private static let strict = ["too_large", "bad_text", "handshake", "early"]
    private static let ofFastAPI = ["fields", "refused", "denied", "fails", "uncaught", "pushes"]

    @Test("of an ASGI application work from handshake to close", arguments: ["asyncio", "uvloop"])
    func asgi(loop: String) throws {
        try serve("fastapi_app:app", ["-k", "asgi", "--asgi-loop", loop]) { server throws in
            let pid = server.workerPids()
            try server.drive(Self.scenarios + Self.strict + Self.ofFastAPI)
            for code in [4000, 1006, 1009, 1007] { try server.waitForEvent("closed \(code)") }
            try server.waitForEvent("pushes ended", count: 2)
            try server.waitForLog("RuntimeError: the chat gave up")
            #expect(server.workerPids() == pid)
            #expect(server.logCount("Traceback (most recent call last)") == 1, "only of the one that gave up")
            let page = try server.metrics()
            #expect(page.sum("talon_http_requests_total", ["status": "101"]) >= 60)
            #expect(page.sum("talon_http_requests_total", ["status": "403"]) >= 1)
        }
    }

    @Test("of an ASGI application are closed with 1012 at a graceful stop", arguments: ["asyncio", "uvloop"])
    func restart(loop: String) throws {
        try serve("fastapi_app:app", ["-k", "asgi", "--asgi-loop", loop]) { server throws in
            try server.drive(["restart"])
            #expect(try server.waitForExit() == .exited(0))
            #expect(server.events.last == "shutdown")
            #expect(!server.log.contains("Traceback"))
        }
    }

    @Test("of a Tornado application work from handshake to close")
    func tornado() throws {
        try serve("kinds_tornado:app", ["-k", "tornado"]) { server throws in
            let pid = server.workerPids()
            try server.drive(Self.scenarios)
            try server.waitForEvent("closed 4000")
            #expect(server.workerPids() == pid)
            let start = try #require(server.workers().first).descriptors.count
            try server.drive(["many"])
            try eventually("as many descriptors as before: \(start)") {
                server.workers().first?.descriptors.count == start
            }
        }
    }
}
