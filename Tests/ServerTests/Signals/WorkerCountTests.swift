import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `The number of workers` {
    @Test func `grows by TTIN and shrinks by TTOU, but not below 1`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", in: directory, workers: 1) { server in
            let first = server.workerPids()[0]
            server.signal(SIGTTIN)
            try server.waitForWorkers(2)
            server.signal(SIGTTIN)
            try server.waitForWorkers(3)
            #expect(server.workerPids().contains(first))
            server.signal(SIGTTOU)
            try server.waitForWorkers(2)
            server.signal(SIGTTOU)
            try server.waitForWorkers(1)
            server.signal(SIGTTOU)
            try server.waitForLogs("Handling signal: ttou", count: 3)
            let response = try server.client.get("/")
            #expect(response.text == "ok")
            #expect(server.workers().count == 1)
            #expect(server.log.contains("Handling signal: ttin"))
        }
    }

    @Test func `shrinks without breaking off a running request`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", in: directory, workers: 2) { server in
            let held = try [HeldRequest(server, "a"), HeldRequest(server, "b")]
            server.signal(SIGTTOU)
            try server.waitForLog("Handling signal: ttou")
            for request in held {
                try request.release()
                #expect(try request.response().text == "held")
            }
            try server.waitForWorkers(1)
        }
    }

    @Test func `is the configured one again after HUP`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", in: directory, workers: 1) { server in
            server.signal(SIGTTIN)
            try server.waitForWorkers(2)
            let before = Set(server.workerPids())
            server.signal(SIGHUP)
            try eventually("one new worker") {
                server.workers().count == 1 && before.isDisjoint(with: server.workerPids())
            }
        }
    }
}
