import TalonTesting
import Testing

@Suite(.serialized) struct `A plugin built against an older header` {
    @Test func `of minor 0 loads, and works`() throws {
        let directory = try applicationDirectory()
        let old = Repository.fixture("abi-1.0")
        let plugin = try Compiler.sharedObject(file: "plugins/recorder.c", flags: ["-I", old, "-DNAME=\"old\""])
        var options = TalonServer.Options()
        options.environment["RECORD"] = directory.file("record")
        try serving("app:app", "--plugin", plugin, in: directory, options: options) { server in
            #expect(directory.lines("record").count == 3)
            let labels = ["plugin": "org.talon.test.old", "hook": "post_fork", "outcome": "ok"]
            let page = try server.metrics()
            #expect(page.sum("talon_hook_calls_total", labels) == 1)
        }
    }
}
