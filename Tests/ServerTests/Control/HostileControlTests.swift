import Glibc
import TalonPlatform
import TalonTesting
import Testing

@Suite(.serialized) struct `A client of the control socket` {
    /// The server answers others as if nothing were: a new client, and a request.
    private func expectHealth(_ server: TalonServer) throws {
        #expect(try server.control().ask("status")["state"]?.string == "running")
        #expect(try server.client.get("/").status == 200)
    }

    @Test(arguments: [[0xff, 0xff, 0xff, 0xff], [0x7f, 0xff, 0xff, 0xff], [0, 1, 0, 1], [0, 0, 0, 0]] as [[UInt8]])
    func `that says an impossible length is told so and left`(head: [UInt8]) throws {
        try serving("app:app", "--no-metrics", in: try applicationDirectory()) { server in
            let control = try server.control()
            control.send(head + Array("garbage".utf8))
            #expect(try control.receive()["error"]?.string == "a request has 1 to 65536 bytes")
            #expect(control.ends())
            try expectHealth(server)
        }
    }

    @Test func `that sends no request is told so and may go on`() throws {
        try serving("app:app", "--no-metrics", in: try applicationDirectory()) { server in
            let control = try server.control()
            let deep = String(repeating: "[", count: 60_000)
            for text in ["x", "{", deep, "[]", "1", "{\"command\": 3}", "\u{0}\u{1}", "{\"command\": \"a 'b\"}"] {
                control.send(frame: text)
                #expect(try control.receive()["status"]?.string == "error", "\(text.prefix(20))")
            }
            control.send([0, 0, 0, 2, 0xff, 0xfe])
            #expect(try control.receive()["status"]?.string == "error")
            #expect(try control.ask("status")["state"]?.string == "running")
        }
    }

    @Test func `may send its request in pieces, and many at once`() throws {
        try serving("app:app", "--no-metrics", in: try applicationDirectory()) { server in
            let control = try server.control()
            for byte in ControlConversation.frame(#"{"id": 1, "command": "status"}"#) { control.send([byte]) }
            #expect(try control.receive()["id"]?.integer == 1)
            let many = (0..<300).flatMap { ControlConversation.frame("{\"id\": \($0), \"command\": \"status\"}") }
            control.send(many)
            for id in 0..<300 { #expect(try control.receive()["id"]?.integer == id) }
        }
    }

    @Test func `holds up nobody, however many say nothing or half a request`() throws {
        try serving("app:app", "--no-metrics", in: try applicationDirectory()) { server in
            let silent = try (0..<100).map { index in
                let control = try server.control()
                if index % 2 == 0 { control.send([0, 0, 1]) }
                if index % 3 == 0 { control.send([0, 0, 1, 0, 0x7b]) }
                return control
            }
            try expectHealth(server)
            let open = server.master?.descriptors.values.filter { $0.hasPrefix("socket:") }.count ?? 0
            #expect(open < 64, "\(open) sockets")
            // The last who came are still there.
            let last = try #require(silent.last)
            #expect(!last.ends(within: 0))
        }
    }

    @Test func `that never reads its replies costs the master little`() throws {
        try serving("app:app", "--no-metrics", in: try applicationDirectory()) { server in
            let before = try #require(ProcessUsage.of(server.pid)).residentBytes
            let request = ControlConversation.frame(#"{"id": 1, "command": "config"}"#)
            let deaf = try (0..<20).map { _ in try server.control() }
            let flood = (0..<2000).flatMap { _ in request }
            // What the sockets take: the server stops reading who does not read.
            for control in deaf {
                _ = control.socket.writeAll(flood, before: MonotonicClock.now() + nanosecondsPerSecond / 10)
            }
            try expectHealth(server)
            let after = try #require(ProcessUsage.of(server.pid)).residentBytes
            #expect(after < before + 32 << 20, "\(before) -> \(after) bytes")
        }
    }

    @Test func `may send whatever bytes`() throws {
        try serving("app:app", "--no-metrics", in: try applicationDirectory()) { server in
            var random = FixedRandom(seed: 29)
            let request = ControlConversation.frame(#"{"id": 1, "command": "show workers", "args": ["x", 2]}"#)
            for _ in 0..<300 {
                let control = try server.control()
                var bytes = request
                for _ in 0..<Int.random(in: 0...8, using: &random) {
                    bytes[Int.random(in: 4..<bytes.count, using: &random)] = random.bytes(1)[0]
                }
                if Bool.random(using: &random) { bytes += random.bytes(Int.random(in: 0...200, using: &random)) }
                control.send(bytes)
            }
            try expectHealth(server)
            let descriptors = server.master?.descriptors.count ?? 0
            try eventually("the clients are forgotten") { (server.master?.descriptors.count ?? 0) <= descriptors }
        }
    }

    @Test func `may go away while a reload goes on`() throws {
        let directory = try directory(answering: "old")
        try serving("app:app", "--no-metrics", in: directory) { server in
            try directory.writeApplication(
                answering: "new", preamble: "import os, time\nwhile not os.path.exists('go'): time.sleep(0.01)")
            do {
                let control = try server.control()
                control.send(frame: #"{"id": 1, "command": "reload wait"}"#)
                try eventually("the reload has begun") {
                    try server.control().ask("status")["incoming_generation"]?.integer == 2
                }
            }
            let faithful = try server.control()
            faithful.send(frame: #"{"id": 5, "command": "status"}"#)
            #expect(try faithful.receive()["data"]?["generation"]?.integer == 1)
            try directory.write("", to: "go")
            try eventually("the new generation") {
                try server.control().ask("status")["generation"]?.integer == 2
            }
        }
    }
}
