import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `The number of worker processes` {
    @Test func `auto is as the machine allows, and said`() throws {
        var options = TalonServer.Options()
        options.environment["WEB_CONCURRENCY"] = "auto"
        try starting("app:app", in: try directory(answering: "hello"), options: options) { server in
            let line = try server.waitForLog("] [INFO] Workers: ")
            let words = line.split(separator: " ").map(String.init)
            let place = try #require(words.firstIndex(of: "Workers:"))
            let count = try #require(Int(words[place + 1].dropLast()))
            #expect(line.contains(" CPUs and "))
            try server.waitUntilReady(workers: count, within: .seconds(60))
        }
    }

    @Test func `follows the load, up quickly and down slowly`() throws {
        let directory = try TemporaryDirectory()
        try directory.write(
            """
            import time
            def app(environ, start_response):
                time.sleep(0.2)
                start_response("200 OK", [("Content-Length", "2")])
                return [b"ok"]

            """, to: "app.py")
        // Without kept connections every request waits in the accept queue.
        try serving("app:app", "--workers-max", "3", "--keep-alive", "0", in: directory) { server in
            let load = try Load(server.endpoint, clients: 9)
            try server.waitForLog("Workers: 2 instead of 1; requests wait ")
            try server.waitForLog("Workers: 3 instead of 2; ")
            try server.waitForWorkers(3)
            #expect(try load.stop() == [])
            try server.waitForLog("Workers: 1 instead of 2; fewer are enough", within: .seconds(120))
            try server.waitForWorkers(1)
            try eventually("both ends are counted") { (try? server.ends())?.exits == ["ttou": 2] }
            server.signal(SIGTTOU)
            try server.waitForLog("Handling signal: ttou")
            #expect(try server.client.get("/").status == 200)
        }
    }

    @Test func `is not changed by WINCH in a server that is no daemon`() throws {
        try serving("app:app", "--log-level", "debug", in: try directory(answering: "hello"), workers: 2) { server in
            let before = server.workerPids()
            server.signal(SIGWINCH)
            try server.waitForLog("SIGWINCH ignored. Not daemonized")
            #expect(server.workerPids() == before)
        }
    }
}
