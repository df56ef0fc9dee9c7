import Glibc
import TalonTesting
import Testing

private let hasNamespaces =
    (try? run("/usr/bin/unshare", ["-p", "-f", "--mount-proc", "true"]))?.status == 0

@Suite(.serialized, .enabled(if: hasNamespaces, "no process namespace can be made here"))
struct `As process 1 of a container` {
    @Test func `the master reaps strays without a word, whatever their status, and ends by TERM`() throws {
        let directory = try TemporaryDirectory()
        // Each request leaves a process whose parent has ended, and which ends with 3.
        try directory.writeApplication(
            answering: "ok",
            preamble: """
                import os, subprocess
                print("pid", os.getppid(), flush=True)
                subprocess.run(["/bin/sh", "-c", "(sleep 0.1; exit 3) & (sleep 0.1; exit 4) &"])
                """)
        var options = TalonServer.Options()
        options.launcher = ["/usr/bin/unshare", "-p", "-f", "--mount-proc", "--kill-child"]
        try starting("app:app", "-w", "2", in: directory, options: options) { server in
            try server.waitUntilAnswers()
            #expect(server.standardOutput.contains("pid 1\n"))
            let master = try #require(ProcessTable.children(of: server.pid).first)
            try eventually("the strays are gone, and no zombie is left") {
                let children = ProcessTable.all().filter { $0.parent == master.pid }
                return children.allSatisfy(\.isAlive) && !children.contains { $0.commandLine.contains("sleep") }
            }
            #expect(try server.client.get("/").text == "ok")
            #expect(!server.log.contains("[ERROR]") && !server.log.contains("Reaped"))
            master.signal(SIGTERM)
            #expect(try server.waitForExit() == .exited(0))
        }
    }
}
