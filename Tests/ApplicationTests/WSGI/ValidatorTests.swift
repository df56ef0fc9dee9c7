import TalonTesting
import Testing

/// `validated.py` is an application inside wsgiref.validate.validator. What the validator finds is an AssertionError
/// or a warning, both of which are exceptions there, so that the client gets a 500.
@Suite("wsgiref's validator around an application finds nothing", .serialized)
struct ValidatorTests {
    @Test("for any kind of request", arguments: [[], ["--threads", "3"]])
    func validator(options: [String]) throws {
        try serve("validated:app", options) { server throws in
            let client = server.client
            #expect(try client.get("/").status == 200)
            #expect(try client.get("/some%20path/%C3%A9?query=1").status == 200)
            #expect(try client.request("POST", "/", body: Array("twelve bytes".utf8)).text == "twelve bytes")
            #expect(try client.request("PUT", "/", body: Array("put".utf8)).text == "put")
            #expect(try client.request("DELETE", "/").status == 200)
            #expect(try client.request("OPTIONS", "/").status == 200)
            let head = try client.request("HEAD", "/")
            #expect(head.status == 200)
            #expect(head.body.isEmpty)
            #expect(try client.request("HEAD", "/stream").status == 200)
            #expect(try client.get("/stream").text == "part 0\npart 1\npart 2\npart 3\npart 4\n")
            #expect(try client.get("/write").text == "written returned")
            #expect(try client.get("/errors").text == "logged")
            #expect(try client.get("/empty").status == 204)
            let lines = Array("first\nsecond\nthird".utf8)
            #expect(try client.request("POST", "/lines", body: lines).text == "6+12")
            #expect(try client.request("POST", "/all-lines", body: lines).text == "first|second|third")

            let chunked = try client.connect()
            try chunked.send("POST /all-lines HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
            try chunked.send("4\r\none\n\r\n3\r\ntwo\r\n0\r\n\r\n")
            #expect(try chunked.receive(method: "POST").text == "one|two")

            let old = try client.connect()
            try old.send("GET /stream HTTP/1.0\r\n\r\n")
            #expect(try old.receive().status == 200)

            #expect(server.log.contains("a line from the validated application\nanother\n"))
            for complaint in ["Traceback", "AssertionError", "WSGIWarning", "without being closed"] {
                #expect(!server.log.contains(complaint), "\(server.log)")
            }
        }
    }
}
