import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `Workers that do not boot` {
    @Test func `within boot_timeout end a reload, and the old ones serve on`() throws {
        let directory = try directory(answering: "old")
        try serving("app:app", "--boot-timeout", "10", "-t", "1", in: directory) { server in
            let before = server.workerPids()
            try directory.writeApplication(answering: "new", preamble: "import time; time.sleep(3600)")
            server.signal(SIGHUP)
            // Longer than `timeout`, which says nothing of it.
            let line = try server.waitForLog("Reload failed: ", within: .seconds(60))
            #expect(line.contains("was not ready within boot_timeout (10 s); the workers of generation 1 go on"))
            let answer = try server.client.get("/").text
            #expect(answer == "old")
            #expect(server.workerPids() == before)
            try eventually("the failure is counted") {
                try server.metrics().value("talon_reloads_total", ["outcome": "failed"]) == 1
            }
        }
    }
}
