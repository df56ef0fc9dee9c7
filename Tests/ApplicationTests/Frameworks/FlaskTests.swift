import TalonTesting
import Testing

@Suite("The example for Flask", .serialized)
struct FlaskTests {
    static let folder = "\(Repository.root)/docs/examples/flask"

    @Test("works whole", arguments: [[], ["--threads", "4"], ["-k", "gevent"], ["-k", "eventlet"]])
    func whole(options: [String]) throws {
        try serve("app:app", options, workers: 2, in: Self.folder) { server throws in
            let client = server.client
            let page = try client.get("/")
            #expect(page.status == 200)
            #expect(page["content-type"] == "text/html; charset=utf-8")
            #expect(page.text.contains("<h1>Talon serves this page</h1>"))
            #expect(try client.request("HEAD", "/").body.isEmpty)
            #expect(try client.get("/nowhere").status == 404)
            #expect(try client.get("/upload").status == 405)

            let stream = try client.connect()
            try stream.sendHead("GET", "/stream", headers: [("Connection", "close")])
            #expect(try !stream.receive(until: "line 1\n").contains("line 10"))
            #expect(stream.receiveToEnd().text.contains("line 10\n"))

            #expect(try client.get("/slow?seconds=0.05").text.contains("0.05"))

            let pids = server.workerPids()
            #expect(try client.get("/fail").status == 500)
            try server.waitForLog("Exception on /fail [GET]")
            try server.waitForLog("RuntimeError: this endpoint always fails")
            #expect(server.workerPids() == pids)

            let body = [UInt8](repeating: 0x61, count: 3_000_000)
            let raw = try client.request(
                "POST", "/upload", headers: [("Content-Type", "application/octet-stream")], body: body)
            #expect(raw.text.contains("\"bytes\":3000000"), "\(raw.text)")

            let form =
                Array("--frontier\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f.bin\"\r\n\r\n".utf8)
                + body + Array("\r\n--frontier--\r\n".utf8)
            let upload = try client.request(
                "POST", "/upload", headers: [("Content-Type", "multipart/form-data; boundary=frontier")], body: form)
            #expect(upload.text.contains("\"bytes\":3000000"), "\(upload.text)")
        }
    }
}
