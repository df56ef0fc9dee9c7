import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `The settings of syslog` {
    @Test func `send both logs to a daemon by UDP, beside their files`() throws {
        let daemon = try UDPSocket()
        let directory = try applicationDirectory()
        let options = [
            "--log-syslog", "--log-syslog-to", "udp://127.0.0.1:\(daemon.port)", "--log-syslog-facility", "local3",
        ]
        let server = try TalonServer(
            ["app:app", "-n", "my:app", "--access-logfile", "access.log"] + options, in: directory)
        // local3 is 19, info 6.
        _ = try daemon.message(with: "<158>gunicorn.my.app.error: [\(server.pid)] Listening at: http://")
        let boot = try daemon.message(with: "<158>gunicorn.my.app.error: [")
        #expect(boot.hasSuffix("\0"))
        try server.waitUntilReady()
        _ = try daemon.message(with: "<158>gunicorn.my.app.access: [\(server.workerPids()[0])] 127.0.0.1 - - [")
        try eventually("the file has it too") {
            directory.text("access.log")?.contains("\"GET / HTTP/1.1\" 200") == true
        }
        #expect(server.log.contains("] [INFO] Listening at: http://"))
        server.workers()[0].signal(SIGKILL)
        _ = try daemon.message(with: "<155>gunicorn.my.app.error: [\(server.pid)] Worker (pid:")
        try server.stop()
    }

    @Test func `may keep the access log out of it, and name the program`() throws {
        let daemon = try UDPSocket()
        let directory = try applicationDirectory()
        let options = [
            "--log-syslog", "--log-syslog-to", "udp://127.0.0.1:\(daemon.port)", "--log-syslog-prefix", "shop",
            "--disable-redirect-access-to-syslog",
        ]
        let server = try TalonServer(["app:app"] + options, in: directory)
        try server.waitUntilReady()
        server.signal(SIGTERM)
        var all: [String] = []
        try eventually("the last record") {
            all.append(try daemon.message())
            return all.last?.contains("Server shutdown complete") == true
        }
        #expect(all.allSatisfy { $0.hasPrefix("<") && $0.contains(">gunicorn.shop.error: [") }, "\(all)")
    }

    @Test func `name a unix socket`() throws {
        let directory = try applicationDirectory()
        var daemon = try NotifySocket(directory.file("log"))
        let address = "unix://\(directory.file("log"))#dgram"
        try serving("app:app", "--log-syslog", "--log-syslog-to", address, in: directory) { server in
            // What there is no room for is lost, and holds up nobody.
            try eventually("an access record") {
                _ = try server.client.get("/")
                return try daemon.message().hasPrefix("<14>gunicorn.app.app.access: [")
            }
            // It is started again.
            unlink(daemon.path)
            daemon = try NotifySocket(directory.file("log"))
            try eventually("an access record at the new socket") {
                _ = try server.client.get("/")
                return (try? daemon.message(within: .milliseconds(50)))?.contains("app.access: ") == true
            }
        }
    }

    @Test(arguments: [
        ("tcp://localhost:1", "user", "syslog_addr: 'tcp://localhost:1' is no address"),
        ("unix:///dev/log#stream", "user", "use udp://HOST:PORT or unix://PATH#dgram"),
        ("udp://localhost:0", "user", "is no address"), ("unix:///no/such/socket", "user", "--log-syslog-to: "),
        ("udp://localhost:514", "usr", "syslog_facility: 'usr' is none of "),
    ]) func `end the start if they are wrong`(address: String, facility: String, message: String) throws {
        let directory = try applicationDirectory()
        let result = try talon(
            "app:app", "--log-syslog", "--log-syslog-to", address, "--log-syslog-facility", facility, in: directory)
        #expect(result.end == .exited(1) && result.error.contains(message), "\(result.error)")
    }
}
