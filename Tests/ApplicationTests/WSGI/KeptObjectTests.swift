import TalonTesting
import Testing

@Suite("What an application keeps of a request") struct KeptObjectTests {
    @Test("is of no use in a later one, and does not become that of a later one")
    func keeps() throws {
        try serve("keeper:app") { server throws in
            let connection = try server.client.connect()
            #expect(try connection.request("GET", "/").text == "nothing")
            for _ in 0..<3 {
                #expect(try connection.request("POST", "/keep", body: Array("first".utf8)).text == "kept")
                for _ in 0..<2 {
                    let response = try connection.request("POST", "/", body: Array("second".utf8))
                    #expect(
                        response.text == """
                            start RuntimeError: the request has ended
                            write RuntimeError: the request has ended
                            input RuntimeError: the request has ended
                            socket RuntimeError: the request has ended
                            path /keep
                            same [False, False, False]
                            body second
                            """)
                }
                #expect(try connection.request("GET", "/drop").text == "dropped")
                #expect(try connection.request("GET", "/").text == "nothing")
            }
        }
    }

    @Test("is nothing of an environ: each request has its own values after others had theirs")
    func environs() throws {
        try serve("environ:app") { server throws in
            let connection = try server.client.connect()
            let wanted = [
                ("GET", "/", "REQUEST_METHOD\tstr\tGET", "QUERY_STRING\tstr\t"),
                ("PUT", "/a?x=1", "REQUEST_METHOD\tstr\tPUT", "QUERY_STRING\tstr\tx=1"),
                ("GET", "/b%2F", "RAW_URI\tstr\t/b%2F", "PATH_INFO\tstr\t/b/"),
                ("GET", "/b", "RAW_URI\tstr\t/b", "PATH_INFO\tstr\t/b"),
                ("DELETE", "/", "REQUEST_METHOD\tstr\tDELETE", "QUERY_STRING\tstr\t"),
            ]
            for (method, target, first, second) in wanted {
                let lines = try connection.request(method, target).text.split(separator: "\n").map(String.init)
                #expect(lines.contains(first), "\(method) \(target)")
                #expect(lines.contains(second), "\(method) \(target)")
            }
        }
    }
}
