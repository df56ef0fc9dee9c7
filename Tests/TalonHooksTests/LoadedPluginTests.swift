import TalonPlatform
import TalonTesting
import Testing

@testable import TalonHooks

@Suite struct `A loaded plugin` {
    private let directory: TemporaryDirectory
    private let recorder = Recorder()

    init() throws { directory = try TemporaryDirectory() }

    private func load(_ flags: String...) throws -> LoadedPlugin {
        try LoadedPlugin(.inspect(ProbePlugin.compile(in: directory, flags)), services: recorder.services)
    }

    private func refusal(_ flags: String...) throws -> PluginError {
        let file = try PluginFile.inspect(ProbePlugin.compile(in: directory, flags))
        return try #require(throws: PluginError.self) { try LoadedPlugin(file, services: recorder.services) }
    }

    private static let server = HookFacts.Server(
        pid: 42, name: "app:app", version: "0.9", address: "unix.sock", port: 8000, workers: 3, generation: 2,
        startedAt: 1_700_000_000_500_000_000)

    @Test func `says who it is, and what it has`() throws {
        let plugin = try load()
        #expect(plugin.id == "org.example.probe" && plugin.version == "1.2.3")
        #expect(plugin.file.hooks == [.whenReady, .postFork, .onStarting, .onExit, .onStopping])
        #expect(recorder.lines == ["info: create 1.0 size 1"])
        plugin.destroy()
        #expect(recorder.lines.last == "info: destroy 1")
    }

    @Test func `is not called at a point that it does not have`() throws {
        #expect(try load().call(.preFork, HookFacts(server: Self.server), deadline: 0) == nil)
    }

    @Test func `is told of the server`() throws {
        let plugin = try load()
        #expect(plugin.call(.whenReady, HookFacts(server: Self.server), deadline: .max) == .ok)
        #expect(
            recorder.lines.dropFirst() == [
                "info: point 2 deadline 18446744073709551615 state 1 host 1 size 1",
                "info: server 42 app:app/7 0.9/3 unix.sock/9 8000 3 2 1700000000.500 size 1", "info: no worker",
                "info: others 0",
            ])
    }

    @Test func `is told of the worker`() throws {
        let plugin = try load()
        let worker = HookFacts.Worker(slot: 5, age: 1 << 40, pid: 77, generation: 9)
        #expect(plugin.call(.postFork, HookFacts(server: Self.server, worker: worker), deadline: 1) == .handled)
        #expect(recorder.lines.suffix(2).first == "info: worker 5 1099511627776 77 9 -1 0 '' size 1")
    }

    @Test func `reads its settings`() throws {
        let plugin = try load()
        #expect(plugin.call(.onStarting, HookFacts(server: Self.server), deadline: 0) == .deny)
        #expect(recorder.lines.dropFirst() == ["info: config 4/1 same 1", "info: unset 1 empty 1"])
    }

    @Test func `asks the server for something, and gets its answer`() throws {
        let plugin = try load()
        #expect(plugin.call(.onExit, HookFacts(server: Self.server), deadline: 0) == .misbehaved(-77))
        #expect(recorder.requests == [HostRequest(kind: HostRequest.setEnvironment, name: "NAME", value: "a value")])
        #expect(recorder.lines.last == "info: answer 98")
    }

    @Test func `may log what it likes`() throws {
        let plugin = try load()
        // A veto where there is none to give.
        #expect(plugin.call(.onStopping, HookFacts(server: Self.server), deadline: 0) == .misbehaved(2))
        let cut = "critical: " + String(repeating: "x", count: 16384)
        #expect(recorder.lines.dropFirst() == [cut, "error: ", "debug: \u{FFFD}|"])
    }

    @Test func `offers interfaces, with its state`() throws {
        let plugin = try load()
        let offered = try #require(plugin.interface("probe/1"))
        #expect(offered.table.load(as: Int32.self) == 5)
        #expect(offered.state != nil)
        #expect(plugin.interface("probe/2") == nil)
    }

    @Test(
        arguments: [
            ("-DMAJOR=2", "needs ABI 2.0, and this Talon has 1.0"),
            ("-DMAJOR=0", "needs ABI 0.0, and this Talon has 1.0"),
            ("-DMINOR=1", "needs ABI 1.1, and this Talon has 1.0"),
        ])
    func `is refused if it is made for another ABI, before its create`(flag: String, reason: String) throws {
        let error = try refusal(flag)
        #expect(error == PluginError(.incompatible, path: directory.file("probe.so"), reason: reason))
        #expect(recorder.lines.isEmpty)
    }

    @Test(arguments: [-1, 2, 7]) func `is refused if its create fails`(status: Int32) throws {
        let error = try refusal("-DCREATED=(\(status))")
        let reason = "its create() returned \(status)"
        #expect(error == PluginError(.createFailed, path: directory.file("probe.so"), reason: reason))
    }

    @Test func `is refused if its identity is empty`() throws {
        let error = try refusal("-DNO_IDENTITY")
        #expect(error.code == .noIdentity && error.reason == "its identity is empty")
    }

    @Test func `is refused if something that it needs is missing, by the name of that`() throws {
        let source = """
            #include "talon_plugin.h"
            extern int nobody_has_this(void);
            TALON_PLUGIN("a", "1")
            int32_t talon_on_exit(const talon_call *call) { (void)call; return nobody_has_this(); }
            """
        let path = try Compiler.sharedObject(source: source, named: "needy.so", in: directory)
        let file = try PluginFile.inspect(path)
        let error = try #require(throws: PluginError.self) { try LoadedPlugin(file, services: recorder.services) }
        #expect(error.code == .loadFailed)
        #expect(error.reason.hasPrefix("cannot be loaded: ") && error.reason.contains("nobody_has_this"))
    }

    @Test func `made by the macro alone has no create, no destroy and no interface`() throws {
        let source = "#include \"talon_plugin.h\"\nTALON_PLUGIN(\"a.b\", \"1\")\n"
        let path = try Compiler.sharedObject(source: source, named: "plain.so", in: directory)
        let plugin = try LoadedPlugin(.inspect(path), services: recorder.services)
        #expect(plugin.id == "a.b" && plugin.file.hooks.isEmpty)
        #expect(plugin.interface("talon.app/1") == nil)
        plugin.destroy()
    }
}
