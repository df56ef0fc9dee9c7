import TalonTesting
import Testing

@Suite struct `talon plugin check, over all that there is` {
    @Test(arguments: [
        "systemd-notify", "hello-hook-c", "request-id-c", "memory-gate-cpp", "webhook-notifier-swift",
        "exporter-managers-swift",
    ]) func `accepts every example`(name: String) throws {
        let directory = try TemporaryDirectory()
        let folder =
            name == "systemd-notify"
            ? "\(Repository.root)/Plugins/Examples/\(name)" : try Example.build(name, in: directory)
        var words = ["check", "--json", "\(folder)/plugin.yaml"]
        if name == "webhook-notifier-swift" { words += ["--config", "url=http://127.0.0.1:9/"] }
        let result = try Tool.plugin(words, in: directory)
        #expect(result.status == 0 && result.isJSON(ok: true), "\(result.output)")
    }

    @Test func `accepts the default hooks, which are a bundle like any other`() throws {
        let bundle = try Tool.home() + "/plugins/DefaultHooks.talonplugin"
        let result = try Tool.plugin("check", "--json", bundle, in: TemporaryDirectory())
        #expect(result.status == 0 && result.isJSON(ok: true), "\(result.output)")
    }

    @Test(arguments: [
        "segv", "abort", "fpe", "ill", "overflow", "loop", "sleep", "exit", "quick_exit", "close", "mask", "chdir",
        "garbage",
    ]) func `refuses every misbehaviour that can be seen, with a sentence`(act: String) throws {
        let result = try Tool.plugin(
            "check", "--json", "--timeout", "2", "--config", "at=when_ready", "--config", "act=\(act)",
            try Compiler.sharedObject(file: "plugins/misbehave.c"), in: TemporaryDirectory())
        #expect(result.status == 1 && result.isJSON(ok: false), "\(result.output)")
    }

    @Test(arguments: [("thread", "threads"), ("leak", "descriptors")])
    func `warns of what is left behind`(act: String, check: String) throws {
        let result = try Tool.plugin(
            "check", "--json", "--config", "at=when_ready", "--config", "act=\(act)",
            try Compiler.sharedObject(file: "plugins/misbehave.c"), in: TemporaryDirectory())
        #expect(result.check(check)?.status == "warning", "\(result.output)")
    }

    @Test func `refuses an exception that leaves a hook`() throws {
        let plugin = try Compiler.sharedObject(file: "plugins/throw.cpp", flags: ["-DHOOK=talon_when_ready"])
        let result = try Tool.plugin("check", "--json", plugin, in: TemporaryDirectory())
        #expect(result.check("hook when_ready")?.message.contains("SIGABRT") == true, "\(result.output)")
    }
}
