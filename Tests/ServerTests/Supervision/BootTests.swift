import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `Workers that do not boot` {
    @Test func `end a server that has never served when its tries are spent`() throws {
        let directory = try TemporaryDirectory()
        try directory.writeApplication(answering: "never", preamble: "import os; os._exit(1)")
        try starting("app:app", "--boot-retries", "2", in: directory) { server in
            let end = try server.waitForExit()
            #expect(end == .exited(3))
            #expect(server.logLines.filter { $0.contains("Booting worker with pid") }.count == 3)
            #expect(server.log.contains("Shutting down: Master"))
            #expect(server.log.contains("Reason: Workers failed to boot 3 times, and none has served (boot_retries)"))
        }
    }

    @Test func `never end one that has served`() throws {
        let directory = try directory(answering: "old")
        try serving("app:app", "--boot-retries", "0", in: directory) { server in
            try directory.writeApplication(answering: "new", preamble: "import os; os._exit(1)")
            server.workers().first?.signal(SIGKILL)
            try server.waitForLogs("exited with code 1.", count: 3)
            try directory.writeApplication(answering: "repaired")
            #expect(try server.waitUntilAnswers(within: .seconds(60)).text == "repaired")
        }
    }

    @Test func `within boot_timeout end a reload, and the old ones serve on`() throws {
        let directory = try directory(answering: "old")
        try serving("app:app", "--boot-timeout", "10", "-t", "3", in: directory) { server in
            let before = server.workerPids()
            try directory.writeApplication(answering: "new", preamble: "import time; time.sleep(3600)")
            server.signal(SIGHUP)
            // Longer than `timeout`, which says nothing of it.
            let line = try server.waitForLog("Reload failed: ", within: .seconds(60))
            #expect(line.contains("was not ready within boot_timeout (10 s); the workers of generation 1 go on"))
            #expect(try server.client.get("/").text == "old")
            #expect(server.workerPids() == before)
            try eventually("the failure is counted") {
                try server.metrics().value("talon_reloads_total", ["outcome": "failed"]) == 1
            }
        }
    }
}
