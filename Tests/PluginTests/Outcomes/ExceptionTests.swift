import TalonTesting
import Testing

@Suite(.serialized) struct `A C++ exception that leaves a hook` {
    @Test(arguments: ["when_ready", "post_fork"]) func `ends its process, and the server serves`(point: String) throws {
        let directory = try applicationDirectory()
        let plugin = try Compiler.sharedObject(file: "plugins/throw.cpp", flags: ["-DHOOK=talon_\(point)"])
        try starting("app:app", "--plugin", plugin, in: directory) { server in
            let answer = try server.waitUntilAnswers("/", within: .seconds(60)).text
            #expect(answer == "ok")
            let labels = ["plugin": "org.talon.test.throw", "hook": point, "outcome": "crashed"]
            try eventually("the crash is counted") {
                ((try? server.metrics())?.sum("talon_hook_calls_total", labels) ?? 0) >= 1
            }
        }
    }

    @Test func `cannot be guarded: that is for plugins in C`() throws {
        let directory = try applicationDirectory()
        let plugin = try Compiler.sharedObject(file: "plugins/throw.cpp", flags: ["-DHOOK=talon_post_fork"])
        try starting("app:app", "--plugin", "{path: \(plugin), isolation: guarded}", in: directory) { server in
            let end = try server.waitForExit()
            #expect(end == .exited(1))
            #expect(server.logLines.contains { $0.contains(plugin) && $0.contains("guarded is for plugins in C") })
        }
    }
}
