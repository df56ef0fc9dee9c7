import Glibc
import TalonTesting
import Testing

@Suite("An application of FastAPI's", .serialized)
struct FastAPITests {
    private func serve(_ arguments: [String] = [], loop: String = "auto", _ body: (TalonServer) throws -> Void) throws {
        try ApplicationTests.serve("fastapi_app:app", ["-k", "asgi", "--asgi-loop", loop] + arguments, body)
    }

    @Test("works whole", arguments: ["asyncio", "uvloop"])
    func whole(loop: String) throws {
        try serve(loop: loop) { server in
            let client = server.client
            #expect(server.events == ["startup"])
            #expect(try client.get("/").text == "{\"hello\":\"world\"}")
            for _ in 0..<2 {
                let state = try client.get("/state").text
                #expect(state == "{\"database\":\"connected\",\"before\":null,\"client\":\"127.0.0.1\"}")
            }
            #expect(try client.get("/items/7?q=caf%C3%A9").text == "{\"number\":7,\"q\":\"café\"}")
            #expect(try client.get("/items/seven").status == 422)
            #expect(try client.get("/nowhere").status == 404)
            #expect(try client.get("/teapot").status == 418)
            #expect(try client.request("DELETE", "/").status == 405)
            let item = try client.request(
                "POST", "/items", headers: [("Content-Type", "application/json")],
                body: Array("{\"name\": \"tea\", \"price\": 1.5}".utf8))
            #expect(item.text == "{\"name\":\"tea\",\"double\":3.0}")
            #expect(try client.request("POST", "/count", body: Pattern.body(3_000_000)).text == "{\"bytes\":3000000}")
            #expect(try client.get("/docs").status == 200)

            let stream = try client.connect()
            try stream.sendHead("GET", "/stream?gate=more")
            #expect(try !stream.receive(until: "first\n").contains("second"))
            try server.open(gate: "more")
            #expect(try stream.receive(until: "0\r\n\r\n").contains("second\n"))

            let endless = try client.connect()
            try endless.sendHead("GET", "/endless")
            _ = try endless.receive(until: "xxxx")
            endless.close()
            try server.waitForEvent("endless closed")

            // In a thread: the loop goes on meanwhile.
            let slow = try client.connect()
            try slow.sendHead("GET", "/thread?seconds=0.3")
            let beside = try client.connect()
            for _ in 0..<5 { #expect(try beside.get("/").status == 200) }
            #expect(try slow.receive().text == "beside")

            let pids = server.workerPids()
            #expect(try client.get("/fail").status == 500)
            try server.waitForLog("RuntimeError: the application gave up")
            #expect(server.workerPids() == pids)
        }
    }

    @Test("has its background tasks run after the answer, and finished before the worker ends")
    func background() throws {
        try serve { server in
            let connection = try server.client.connect()
            #expect(try connection.get("/background").text == "\"accepted\"")
            #expect(try connection.get("/").status == 200, "the connection is free meanwhile")
            #expect(!server.events.contains("background done"))
            #expect(try server.client.get("/background-fails").status == 200)
            try server.waitForLog("RuntimeError: the background task gave up")
            server.signal(SIGTERM)
            try server.waitForLog("Handling signal: term")
            try server.open(gate: "background")
            #expect(try server.waitForExit() == .exited(0))
            #expect(server.events == ["startup", "background done", "shutdown"])
        }
    }

    @Test("that fails in its lifespan's startup ends the server with 3; in its shutdown it is logged")
    func lifespan() throws {
        let directory = try TemporaryDirectory()
        var options = TalonServer.Options()
        options.environment = ["PROBE_DIR": directory.path, "FAIL_STARTUP": "1"]
        let arguments = ["-k", "asgi", "--chdir", Apps.folder, "fastapi_app:app"]
        let failing = try TalonServer(arguments, in: directory, options: options)
        try withLog(of: failing) { () throws in
            #expect(try failing.waitForExit() == .exited(3))
            #expect(failing.log.contains("no database today"))
            #expect(!failing.log.contains("never retrieved"), "told once")
            #expect(failing.events == ["startup"])
        }
        try ApplicationTests.serve(
            "fastapi_app:app", ["-k", "asgi"], environment: ["FAIL_SHUTDOWN": "1"]
        ) { server throws in
            server.signal(SIGTERM)
            #expect(try server.waitForExit() == .exited(0))
            #expect(server.log.contains("The ASGI application did not shut down: "))
            #expect(server.log.contains("cannot disconnect"))
        }
    }

    @Test("has its lifespan when it is told to: asgi_lifespan", arguments: ["on", "off"])
    func modes(mode: String) throws {
        try serve(["--asgi-lifespan", mode]) { server in
            #expect(server.events == (mode == "on" ? ["startup"] : []))
        }
        // An application that does not know the protocol is served unless it must.
        let directory = try TemporaryDirectory()
        let server = try TalonServer(
            ["-k", "asgi", "--chdir", Apps.folder, "kinds_asgi:app", "--asgi-lifespan", mode], in: directory)
        try withLog(of: server) {
            if mode == "on" { #expect(try server.waitForExit() == .exited(3)) } else { try server.waitUntilReady() }
        }
    }

    @Test("knows where it is mounted: root_path")
    func mounted() throws {
        try serve(["--root-path", "/api"]) { server throws in
            #expect(try server.client.get("/openapi.json").text.contains("\"servers\":[{\"url\":\"/api\"}]"))
        }
    }
}
