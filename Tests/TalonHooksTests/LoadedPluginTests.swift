import TalonPlatform
import TalonTesting
import Testing

@testable import TalonHooks

@Suite struct `A loaded plugin` {
    private let directory: TemporaryDirectory
    private let recorder = Recorder()

    init() throws { directory = try TemporaryDirectory() }

    /// The probe as it is found, changed by a test.
    private func probe(
        _ flags: String..., change: (inout PluginDescription) -> Void = { _ in }
    ) throws -> ResolvedPlugin {
        var plugin = try PluginFile.inspect(ProbePlugin.compile(in: directory, flags)).own
        plugin.description.isOwn = false
        change(&plugin.description)
        return plugin
    }

    private func load(_ plugin: ResolvedPlugin, guards: Bool = false) throws -> LoadedPlugin {
        try LoadedPlugin(plugin, services: recorder.services, guards: guards)
    }

    private func load(_ path: String) throws -> LoadedPlugin { try load(PluginFile.inspect(path).own) }

    private func refusal(_ plugin: ResolvedPlugin) throws -> PluginError {
        try #require(throws: PluginError.self) { try load(plugin) }
    }

    /// Facts as a hook sees them.
    private func facts(worker: HookFacts.Worker? = nil) -> FactBlock {
        let block = FactBlock()
        block.update(HookFacts(server: Self.server, worker: worker))
        return block
    }

    private static let server = HookFacts.Server(
        pid: 42, name: "app:app", version: "0.9", address: "unix.sock", port: 8000, workers: 3, generation: 2,
        startedAt: 1_700_000_000_500_000_000)

    @Test func `says who it is, and what it has`() throws {
        let plugin = try load(probe())
        #expect(plugin.id == "org.example.probe" && plugin.version == "1.2.3")
        #expect(plugin.description.points == [.whenReady, .postFork, .onStarting, .onExit, .onStopping])
        #expect(recorder.lines == ["info: create 1.3 size 1"])
        plugin.destroy()
        #expect(recorder.lines.last == "info: destroy 1")
    }

    @Test func `is not called at a point that it does not have`() throws {
        #expect(try load(probe()).call(.preFork, facts(), deadline: 0) == nil)
    }

    @Test func `is told of the server`() throws {
        let plugin = try load(probe())
        #expect(plugin.call(.whenReady, facts(), deadline: .max) == .ok)
        #expect(
            recorder.lines.dropFirst() == [
                "info: point 2 deadline 18446744073709551615 state 1 host 1 size 1",
                "info: server 42 app:app/7 0.9/3 unix.sock/9 8000 3 2 1700000000.500 size 1", "info: no worker",
                "info: others 0",
            ])
    }

    @Test func `is told of the worker`() throws {
        let plugin = try load(probe())
        let worker = HookFacts.Worker(slot: 5, age: 1 << 40, pid: 77, generation: 9)
        #expect(plugin.call(.postFork, facts(worker: worker), deadline: 1) == .handled)
        #expect(recorder.lines.suffix(2).first == "info: worker 5 1099511627776 77 9 -1 0 '' size 1")
    }

    @Test func `reads its settings`() throws {
        let plugin = try load(probe())
        #expect(plugin.call(.onStarting, facts(), deadline: 0) == .deny)
        #expect(recorder.lines.dropFirst() == ["info: config 4/1 same 1", "info: unset 1 empty 1"])
    }

    @Test func `asks the server for something, and gets its answer`() throws {
        let plugin = try load(probe())
        #expect(plugin.call(.onExit, facts(), deadline: 0) == .misbehaved(-77))
        #expect(recorder.requests == [HostRequest(kind: HostRequest.setEnvironment, name: "NAME", value: "a value")])
        #expect(recorder.lines.last == "info: answer 98")
    }

    @Test func `may log what it likes`() throws {
        let plugin = try load(probe())
        // A veto where there is none to give.
        #expect(plugin.call(.onStopping, facts(), deadline: 0) == .misbehaved(2))
        let cut = "critical: " + String(repeating: "x", count: 16384)
        #expect(recorder.lines.dropFirst() == [cut, "error: ", "debug: \u{FFFD}|"])
    }

    @Test func `offers interfaces, with its state`() throws {
        let plugin = try load(probe())
        let offered = try #require(plugin.interface("probe/1"))
        #expect(offered.table.load(as: Int32.self) == 5)
        #expect(offered.state != nil)
        #expect(plugin.interface("probe/2") == nil)
    }

    @Test(
        arguments: [
            ("-DMAJOR=2", "needs ABI 2.3, and this Talon has 1.3"),
            ("-DMAJOR=0", "needs ABI 0.3, and this Talon has 1.3"),
            ("-DMINOR=4", "needs ABI 1.4, and this Talon has 1.3"),
        ])
    func `is refused if it is made for another ABI, before its create`(flag: String, reason: String) throws {
        let error = try refusal(probe(flag))
        #expect(error == PluginError(.incompatible, path: directory.file("probe.so"), reason: reason))
        #expect(recorder.lines.isEmpty)
    }

    @Test(arguments: [-1, 2, 7]) func `is refused if its create fails`(status: Int32) throws {
        let error = try refusal(probe("-DCREATED=(\(status))"))
        let reason = "its create() returned \(status)"
        #expect(error == PluginError(.createFailed, path: directory.file("probe.so"), reason: reason))
    }

    @Test func `is refused if its identity is empty`() throws {
        let error = try refusal(probe("-DNO_IDENTITY"))
        #expect(error.code == .noIdentity && error.reason == "its identity is empty")
    }

    @Test func `is refused if its identity would forge lines of the log`() throws {
        let source = #"""
            #include "talon_plugin.h"
            TALON_PLUGIN("a\n[1] [CRITICAL] forged", "1")
            int32_t talon_on_exit(const talon_call *call) { return call == NULL; }
            """#
        let path = try Compiler.sharedObject(source: source, named: "forged.so", in: directory)
        let error = try #require(throws: PluginError.self) { try load(path) }
        #expect(error.code == .noIdentity && !"\(error)".contains("\n") && error.reason.contains("control characters"))
    }

    @Test func `is refused if something that it needs is missing, by the name of that`() throws {
        let source = """
            #include "talon_plugin.h"
            extern int nobody_has_this(void);
            TALON_PLUGIN("a", "1")
            int32_t talon_on_exit(const talon_call *call) { (void)call; return nobody_has_this(); }
            """
        let path = try Compiler.sharedObject(source: source, named: "needy.so", in: directory)
        let error = try refusal(PluginFile.inspect(path).own)
        #expect(error.code == .loadFailed)
        #expect(error.reason.hasPrefix("cannot be loaded: ") && error.reason.contains("nobody_has_this"))
    }

    @Test func `made by the macro alone has no create, no destroy and no interface`() throws {
        let source = "#include \"talon_plugin.h\"\nTALON_PLUGIN(\"a.b\", \"1\")\n"
        let path = try Compiler.sharedObject(source: source, named: "plain.so", in: directory)
        let plugin = try load(path)
        #expect(plugin.id == "a.b" && plugin.description.points.isEmpty)
        #expect(plugin.interface("talon.app/1") == nil)
        plugin.destroy()
    }

    @Test func `made with the header of ABI 1.0 loads`() throws {
        let source = """
            #include <string.h>
            #include "talon_plugin.h"
            TALON_PLUGIN("a.b", "1")
            int32_t talon_on_exit(const talon_call *call) {
                return TALON_ABI_MINOR == 0 && strcmp(call->server->name.data, "app:app") == 0 ? TALON_OK : TALON_ERROR;
            }
            """
        // Before the source's own line, which then finds it read.
        let flags = ["-include", Repository.fixture("abi-1.0/talon_plugin.h")]
        let path = try Compiler.sharedObject(source: source, named: "old.so", in: directory, flags: flags)
        #expect(try load(path).call(.onExit, facts(), deadline: 0) == .ok)
    }

    // MARK: What its manifest says

    @Test func `is who its manifest says`() throws {
        let plugin = try load(
            probe {
                $0.id = "org.example.probe"
                $0.version = "1.2.3"
            })
        #expect(plugin.id == "org.example.probe")
    }

    @Test(arguments: [("org.example.probe", "1.2.4"), ("org.example.other", "1.2.3")])
    func `is refused if its manifest says that it is another, before its create`(id: String, version: String) throws {
        let error = try refusal(
            probe {
                $0.id = id
                $0.version = version
            })
        let reason =
            "its manifest says that it is \(id) \(version), and its code says org.example.probe 1.2.3; one of them is wrong"
        #expect(error == PluginError(.incompatible, path: directory.file("probe.so"), reason: reason))
        #expect(recorder.lines.isEmpty)
    }

    @Test func `is refused without a function that is bound, by the names of function and hook`() throws {
        let error = try refusal(probe { $0.bindings.append(.init(.childExit, symbol: "acme_note_exit")) })
        let reason = "has no function acme_note_exit, which its hook child_exit is to call"
        #expect(error == PluginError(.loadFailed, path: directory.file("probe.so"), reason: reason))
        #expect(recorder.lines.isEmpty)
    }

    // MARK: Several functions at one hook

    private func chain(_ statuses: Int32...) throws -> LoadedPlugin {
        var description = PluginDescription(id: "org.chain", origin: "signatures.so")
        description.hasIdentity = false
        for status in statuses {
            let text = CallSignature(
                result: .void,
                arguments: [.init(.fn, .fact(.hostLogLine)), .init(.i32, .integer(UInt64(bitPattern: Int64(status))))])
            let give = CallSignature(result: .status, arguments: [text.arguments[1]])
            description.bindings.append(.init(.onExit, symbol: "take_i32", signature: text))
            description.bindings.append(.init(.onExit, symbol: "give_status", signature: give))
        }
        return try load(ResolvedPlugin(description, .file(Compiler.sharedObject(file: "plugins/signatures.c"))))
    }

    @Test func `calls them in order as long as they return TALON_OK`() throws {
        #expect(try chain(0, 0, 0).call(.onExit, facts(), deadline: 0) == .ok)
        #expect(recorder.lines == ["info: 0", "info: 0", "info: 0"])
    }

    @Test func `has the outcome of the first that does not, which is the last`() throws {
        #expect(try chain(0, 1, -1).call(.onExit, facts(), deadline: 0) == .handled)
        #expect(recorder.lines == ["info: 0", "info: 1"])
    }

    @Test func `logs to its own host again when a hook called another plugin in between`() throws {
        let inner = Recorder()
        let signature = CallSignature(
            result: .void, arguments: [.init(.fn, .fact(.hostLogLine)), .init(.u8, .integer(1))])
        var description = PluginDescription(id: "org.nested", origin: "signatures.so")
        description.hasIdentity = false
        description.bindings = [.init(.onExit, symbol: "take_u8", signature: signature)]
        let image = PluginImage.file(try Compiler.sharedObject(file: "plugins/signatures.c"))
        let nested = try LoadedPlugin(ResolvedPlugin(description, image), services: inner.services)
        let block = facts()
        let path = try Compiler.sharedObject(source: Self.asking, named: "asking.so", in: directory)
        description.bindings = [
            .init(
                .onExit, symbol: "ask",
                signature: CallSignature(
                    result: .status, arguments: [.init(.ptr, .fact(.hostSelf)), .init(.fn, .fact(.hostLogLine))]))
        ]
        var services = recorder.services
        services.request = { _ in nested.call(.onExit, block, deadline: 0) == .ok ? 0 : -1 }
        let outer = try LoadedPlugin(ResolvedPlugin(description, .file(path)), services: services)
        #expect(outer.call(.onExit, block, deadline: 0) == .ok)
        #expect(recorder.lines == ["info: before", "info: after"])
        #expect(inner.lines == ["info: 1"])
    }

    private static let asking = """
        #include "talon_plugin.h"
        TALON_EXPORT int32_t ask(const talon_host *host, void (*say)(const char *)) {
            const talon_server_1 *server = host->interface(host, TALON_INTERFACE_SERVER);
            say("before");
            int32_t answer = server->request(host, TALON_REQUEST_RUN_DEFAULT, TALON_STR(""), TALON_STR(""));
            say("after");
            return answer;
        }
        """

    // MARK: Isolation

    @Test func `in C is guarded in a worker, unless it is Talon's own or says otherwise`() throws {
        #expect(try load(probe(), guards: true).isolation == .guarded)
        #expect(try load(probe(), guards: false).isolation == .inline)
        #expect(try load(probe { $0.isOwn = true }, guards: true).isolation == .inline)
        #expect(try load(probe { $0.isolation = .inline }, guards: true).isolation == .inline)
        #expect(try load(probe { $0.isolation = .guarded }, guards: true).isolation == .guarded)
        let serverSide: (inout PluginDescription) -> Void = { $0.bindings.removeAll { $0.point.isInWorker } }
        #expect(try load(probe(change: serverSide), guards: true).isolation == .inline)
    }

    @Test func `in another language is inline, and refused if guarded is demanded`() throws {
        #expect(try load(probe("-DLANGUAGE=\"swift\""), guards: true).isolation == .inline)
        let error = try refusal(probe("-DLANGUAGE=\"swift\"") { $0.isolation = .guarded })
        let reason = "guarded is for plugins in C, and this one is in swift; use inline"
        #expect(error == PluginError(.incompatible, path: directory.file("probe.so"), reason: reason))
        #expect(recorder.lines.suffix(1) == ["info: create 1.3 size 1"])
    }

    @Test func `that is guarded and crashes is not called again, and taints the process`() async {
        await #expect(processExitsWith: .success) {
            let directory = try TemporaryDirectory()
            let source = """
                #include "talon_plugin.h"
                static void fail(void *state) { *(volatile int *)16 = state == NULL; }
                TALON_PLUGIN_FULL("a.b", "1", NULL, fail, NULL)
                int32_t talon_pre_request(const talon_call *call) { return *(volatile int32_t *)16 + (call == NULL); }
                int32_t talon_post_request(const talon_call *call) { return call == NULL; }
                """
            let path = try Compiler.sharedObject(source: source, named: "crash.so", in: directory)
            var found = try PluginFile.inspect(path).own
            found.description.isOwn = false
            let plugin = try LoadedPlugin(found, services: Recorder().services, guards: true)
            let facts = FactBlock()
            try #require(plugin.call(.postRequest, facts, deadline: 0) == .ok)
            try #require(plugin.call(.preRequest, facts, deadline: 0) == .crashed(Signal(11)))
            try #require(plugin.call(.preRequest, facts, deadline: 0) == .notRunning)
            try #require(plugin.call(.postRequest, facts, deadline: 0) == .notRunning)
            try #require(plugin.call(.onExit, facts, deadline: 0) == nil)
            plugin.destroy()
        }
    }
}
