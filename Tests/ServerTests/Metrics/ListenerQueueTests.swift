import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `Clients that wait for a worker to accept them` {
    /// Has seven clients wait while the one worker is stopped.
    private func check(_ server: TalonServer, _ endpoint: Endpoint, _ listener: String) throws {
        let labels = ["listener": listener]
        let largest = Double(Files.lines("/proc/sys/net/core/somaxconn").first ?? "") ?? 0
        try eventually("the queue is read") {
            try server.metrics().value("talon_listener_backlog_limit", labels) == min(2048, largest)
        }
        let worker = try #require(server.workers().first)
        worker.signal(SIGSTOP)
        defer { worker.signal(SIGCONT) }
        try eventually("the worker has stopped") { ProcessEntry(worker.pid)?.state == "T" }
        let client = HTTPClient(endpoint)
        let connections = try (0..<7).map { _ in try client.connect() }
        for connection in connections { try connection.sendHead("GET", "/") }
        try eventually("seven wait") { try server.metrics().value("talon_listener_backlog", labels) == 7 }
        worker.signal(SIGCONT)
        for connection in connections { #expect(try connection.receive().status == 200) }
        try eventually("none waits") { try server.metrics().value("talon_listener_backlog", labels) == 0 }
    }

    @Test func `are counted for a TCP socket`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", "-t", "0", in: directory) { server in
            try check(server, server.endpoint, "127.0.0.1:\(server.port)")
        }
    }

    @Test func `are counted for a unix socket, beside others`() throws {
        let directory = try applicationDirectory()
        let (path, port) = (directory.file("app.sock"), try FreePort.any())
        try starting("app:app", "-t", "0", "-b", "127.0.0.1:\(port)", "-b", "unix:\(path)", in: directory) { server in
            try server.waitUntilAnswers(at: .unix(path))
            try eventually("the metrics port answers") { (try? server.metrics()) != nil }
            try check(server, .unix(path), "unix:\(path)")
            let page = try server.metrics()
            #expect(page.value("talon_listener_backlog", ["listener": "127.0.0.1:\(port)"]) == 0)
            #expect(page.all("talon_listener_backlog").count == 2)
        }
    }
}
