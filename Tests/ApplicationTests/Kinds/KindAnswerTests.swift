import TalonTesting
import Testing

@Suite("In every kind of worker a connection", .serialized)
struct KindAnswerTests {
    @Test(
        "brings answers whole: empty, one byte, megabytes, HEAD, 204, 304 (RFC 9110 §9.3.2, §15)", arguments: Kind.all)
    func answers(kind: Kind) throws {
        try kind.serve { server in
            let connection = try server.client.connect()
            for size in [0, 1, 5000, 3_000_001] {
                for query in ["", "&unknown=1"] where size > 0 || query.isEmpty {
                    let response = try connection.get("/bytes?size=\(size)\(query)")
                    #expect(response.status == 200)
                    #expect(response.body == Pattern.body(size), "\(size)\(query)")
                    #expect(response.keepsAlive)
                    if query.isEmpty {
                        #expect(response.all("content-length") == ["\(size)"])
                        #expect(response["x-kind"] != nil)
                    }
                    #expect(response.all("date").count == 1 && response.all("server").count == 1)
                }
            }
            let head = try connection.request("HEAD", "/bytes?size=5000")
            #expect(head.status == 200 && head.body.isEmpty)
            #expect(head["content-length"] == "5000")
            for (line, status) in [("204%20No%20Content", 204), ("304%20Not%20Modified", 304)] {
                let response = try connection.get("/status?line=\(line)")
                #expect(response.status == status && response.body.isEmpty)
                #expect(response["transfer-encoding"] == nil)
                #expect(status == 304 || response["content-length"] == nil, "RFC 9110 §8.6")
            }
            #expect(try connection.get("/status?line=404%20Not%20Found").status == 404)
            #expect(try connection.get("/").text == "ok", "the same connection serves on")
        }
    }

    @Test(
        "takes bodies: of a length, chunked, slow, expected by 100 (RFC 9110 §10.1.1), larger than buffers",
        arguments: Kind.all)
    func bodies(kind: Kind) throws {
        try kind.serve { server in
            let connection = try server.client.connect()
            #expect(try connection.request("POST", "/echo", body: []).body == [])
            #expect(try connection.request("POST", "/echo", body: Array("body".utf8)).text == "body")
            let large = Pattern.body(300_000)
            #expect(try connection.request("POST", "/echo", body: large).body == large)

            try connection.sendHead("POST", "/echo", headers: [("Transfer-Encoding", "chunked")])
            for piece in ["3\r\nabc\r\n", "2;e=x\r\nde\r\n", "0\r\n\r\n"] {
                try connection.send(piece)
                pause(milliseconds: 5)
            }
            #expect(try connection.receive(method: "POST").text == "abcde")

            try connection.sendHead("POST", "/echo", headers: [("Content-Length", "6")])
            for byte in Array("slowly".utf8) {
                try connection.send([byte])
                pause(milliseconds: 5)
            }
            #expect(try connection.receive(method: "POST").text == "slowly")

            try connection.sendHead("POST", "/echo", headers: [("Content-Length", "5"), ("Expect", "100-continue")])
            #expect(try connection.receive(method: "POST").status == 100)
            try connection.send("later")
            #expect(try connection.receive(method: "POST").text == "later")

            let size = 5_000_001
            #expect(try connection.request("POST", "/digest", body: Pattern.body(size)).text == "\(size) right")
            try connection.sendHead("POST", "/digest", headers: [("Transfer-Encoding", "chunked")])
            for start in stride(from: 0, to: 4 << 20, by: Pattern.size) where start >= 0 {
                try connection.send("10000\r\n")
                try connection.send(Pattern.bytes)
                try connection.send("\r\n")
            }
            try connection.send("0\r\n\r\n")
            #expect(try connection.receive(method: "POST").text == "\(4 << 20) right")
            #expect(try connection.get("/").text == "ok")
        }
    }

    @Test("brings a large answer whole to a client that takes none of it for a while", arguments: Kind.all)
    func slowClient(kind: Kind) throws {
        try kind.serve { server in
            // More than the kernel takes, so that the rest waits, over more than one look for whose time is over.
            let size = 30_000_001
            for query in ["", "&unknown=1"] {
                let connection = try server.client.connect()
                try connection.sendHead("GET", "/bytes?size=\(size)\(query)")
                pause(milliseconds: 1500)
                #expect(try connection.receive().body == Pattern.body(size), "\(query)")
            }
            #expect(server.workers().count == 1)
        }
    }

    @Test("brings a piece of a response before the next is made, and others are served meanwhile", arguments: Kind.all)
    func streaming(kind: Kind) throws {
        try kind.serve { server in
            let streaming = try server.client.connect()
            try streaming.sendHead("GET", "/stream?gate=more")
            _ = try streaming.receive(until: "first\n")
            if kind.isConcurrent || kind.name == "gthread" { #expect(try server.client.get("/").text == "ok") }
            try server.open(gate: "more")
            #expect(try streaming.receive(until: "0\r\n\r\n").contains("second\n"))
            try server.waitForEvent("stream closed")
            #expect(try streaming.get("/").text == "ok")
        }
    }

    @Test("may be pipelined, closed after a request, or of HTTP/1.0 (RFC 9112 §9.3)", arguments: Kind.all)
    func connections(kind: Kind) throws {
        try kind.serve { server in
            let connection = try server.client.connect()
            var requests = ""
            for number in 0..<10 {
                requests += "GET /wait?seconds=0.0\(9 - number) HTTP/1.1\r\nHost: h\r\n\r\n"
                requests += "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\nbody \(number)"
            }
            try connection.send(requests)
            for number in 0..<10 {
                #expect(try connection.receive().text == "ok")
                #expect(try connection.receive(method: "POST").text == "body \(number)", "in order")
            }

            let close = try server.exchange("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            #expect(close.status == 200 && close.ending == .closed && close.text.hasSuffix("\r\n\r\nok"))
            #expect(close.text.lowercased().contains("connection: close"))

            let old = try server.exchange("GET / HTTP/1.0\r\n\r\n")
            #expect(old.status == 200 && old.ending == .closed && old.text.hasSuffix("\r\n\r\nok"))
            let unknown = try server.exchange("GET /bytes?size=100000&unknown=1 HTTP/1.0\r\n\r\n")
            #expect(unknown.ending == .closed)
            #expect(unknown.bytes.suffix(100_000).elementsEqual(Pattern.body(100_000)), "the connection's end ends it")
            #expect(!unknown.text.lowercased().contains("transfer-encoding"))
            let kept = try server.client.connect()
            for _ in 0..<3 {
                try kept.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                #expect(try kept.receive().text == "ok")
            }

            // Tornado takes the end of what a client sends for the end of the client.
            guard kind.application != Kind.tornado.application else { return }
            let half = try server.client.connect()
            try half.sendHead("GET", "/wait?seconds=0.05")
            half.finishSending()
            #expect(try half.receive().text == "ok", "a client that only sends no more wants its answer")
        }
    }
}
