import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `The example hello-hook-c` {
    @Test func `shows what is called in a server's life`() throws {
        let directory = try applicationDirectory()
        let folder = try Example.build("hello-hook-c", in: directory)
        try serving("app:app", "--plugin", "\(folder)/plugin.yaml", in: directory) { server in
            #expect(try server.client.get("/pid?x").status == 200)
            // The answer is out before the hook of post_request runs.
            for (hook, facts) in [("pre_request: ", "path=/pid status=0"), ("post_request: ", "path=/pid status=200")] {
                try eventually("the log has \(hook)\(facts)") {
                    server.logLines.contains { $0.contains(hook) && $0.contains(facts) }
                }
            }

            let worker = server.workers()[0]
            worker.signal(SIGKILL)
            try server.waitForLog("child_exit: pid=\(worker.pid) status=-1 signal=9")
            try server.waitUntilReady()
            server.signal(SIGHUP)
            try server.waitForLog("on_reload: ")
            try eventually("the new generation alone serves") {
                server.workers().count == 1 && server.logLines.count { $0.contains("post_worker_init: ") } == 3
            }
            server.signal(SIGTERM)
            let end = try server.waitForExit()
            #expect(end == .exited(0))
            for hook in [
                "on_starting", "when_ready", "pre_fork", "post_fork", "post_worker_init", "worker_exit", "on_stopping",
                "on_exit",
            ] {
                #expect(
                    server.logLines.contains { $0.contains("[org.talon.example.hello-hook-c] \(hook): ") }, "\(hook)")
            }
        }
    }
}
