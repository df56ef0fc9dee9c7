import TalonTesting
import Testing

@Suite(.serialized) struct `A client that stalls in the middle of its body` {
    /// An application that reads the body itself, and answers with the worker's pid.
    private func reading() throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        try directory.write(
            """
            import os
            def app(environ, start_response):
                if environ["REQUEST_METHOD"] == "POST":
                    environ["wsgi.input"].read(1)
                    open("begun", "w").close()
                environ["wsgi.input"].read()
                body = str(os.getpid()).encode()
                start_response("200 OK", [("Content-Length", str(len(body)))])
                return [body]

            """, to: "app.py")
        return directory
    }

    @Test func `loses its connection when it has been silent for long, and the worker lives`() throws {
        let directory = try reading()
        // Longer than the limit of a request: the time is the client's, not the application's.
        try serving("app:app", "--threads", "2", "-t", "2", in: directory) { server in
            let worker = try server.client.get("/").text
            let connection = try HTTPConnection(server.endpoint, within: .seconds(180))
            try connection.sendHead("POST", "/", headers: [("Transfer-Encoding", "chunked")])
            try connection.send("4\r\npart\r\n")
            try eventually("the application reads") { Files.exists(directory.file("begun")) }
            // Whatever it is answered with; nil is that the server has forgotten it.
            var end: [UInt8]? = [0]
            while end?.isEmpty == false {
                do {
                    end = try connection.receiveBytes()
                } catch {
                    end = []
                }
            }
            #expect(end != nil, "the client is still waited for")
            #expect(try server.client.get("/").text == worker)
            #expect(server.workerPids().map(String.init) == [worker])
            #expect(!server.log.contains("WORKER TIMEOUT"))
        }
    }
}
