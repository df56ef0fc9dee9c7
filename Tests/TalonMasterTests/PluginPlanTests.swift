import TalonHooks
import TalonPlatform
import TalonSettings
import Testing

@testable import TalonMaster

/// A plugin as the inspector finds it.
private func plugin(_ origin: String, id: String? = nil, digest: String = "1") -> ResolvedPlugin {
    var description = PluginDescription(id: id ?? origin, origin: origin)
    description.digest = digest
    description.bindings = [.init(.postFork)]
    return ResolvedPlugin(description, .library(origin))
}

private func member(_ index: Int, _ plugin: ResolvedPlugin, loadedAs id: String? = nil) -> PluginMember {
    PluginMember(index: index, found: plugin.description, plugin: plugin, runner: nil)
        .called(id ?? plugin.description.id, "1.0", "c")
}

/// In short: "keep 1", "load b (2)" for one that replaces the plugin of index 2.
private func plan(_ findings: [PluginFinding], inUse: [PluginMember]) -> [String] {
    PluginPlan(findings, inUse: inUse).steps.map { step in
        func mark(_ old: PluginMember?) -> String { old.map { " (\($0.index))" } ?? "" }
        return switch step {
        case .keep(let member): "keep \(member.index)"
        case .load(let plugin, let old): "load \(plugin.description.origin)\(mark(old))"
        case .refuse(let origin, _, _, let old): "refuse \(origin)\(mark(old))"
        case .remark(let text): "remark \(text)"
        }
    }
}

@Suite struct `What was found of plugins` {
    @Test func `is loaded when none are in use, in order`() {
        #expect(
            plan([.plugin(plugin("b")), .remark("r"), .plugin(plugin("a"))], inUse: [])
                == ["load b", "remark r", "load a"])
    }

    @Test func `is kept where nothing has changed, whatever the loaded plugin calls itself`() {
        let inUse = [member(1, plugin("a"), loadedAs: "org.a"), member(2, plugin("b"))]
        #expect(plan([.plugin(plugin("b")), .plugin(plugin("a"))], inUse: inUse) == ["keep 2", "keep 1"])
    }

    @Test func `replaces the plugin of that file when its bytes have changed`() {
        let inUse = [member(1, plugin("a")), member(2, plugin("b"))]
        #expect(
            plan([.plugin(plugin("a")), .plugin(plugin("b", digest: "2"))], inUse: inUse) == ["keep 1", "load b (2)"])
    }

    @Test func `replaces the plugin of that id when its file has another name`() {
        let inUse = [member(1, plugin("a-1.so", id: "org.a"))]
        #expect(plan([.plugin(plugin("a-2.so", id: "org.a", digest: "2"))], inUse: inUse) == ["load a-2.so (1)"])
    }

    @Test func `says which plugin goes on when the new file cannot be used`() {
        let inUse = [member(1, plugin("a"))]
        let findings: [PluginFinding] = [
            .refused(origin: "a", reason: "is no ELF file", isNamed: true),
            .refused(origin: "z", reason: "is no ELF file", isNamed: false),
        ]
        #expect(plan(findings, inUse: inUse) == ["refuse a (1)", "refuse z"])
    }

    @Test func `leaves out what is no longer there`() {
        #expect(plan([], inUse: [member(1, plugin("a"))]).isEmpty)
    }

    @Test func `matches each plugin in use once`() {
        let inUse = [member(1, plugin("a"))]
        #expect(plan([.plugin(plugin("a")), .plugin(plugin("a"))], inUse: inUse) == ["keep 1", "load a"])
    }
}

@Suite struct `The plugins of a generation` {
    @Test func `are left to workers with their images, numbered from the first descriptor that is free`() {
        var server = plugin("server")
        server.description.bindings = [.init(.onExit)]
        let members = [
            member(3, ResolvedPlugin(plugin("a").description, .sealed(FileDescriptor(rawValue: 50)))),
            member(4, server),
            member(7, plugin("libb.so")),
            member(9, ResolvedPlugin(plugin("c").description, .sealed(FileDescriptor(rawValue: 40)))),
        ]
        let set = PluginSet(
            members: members, defaults: PluginMember(ResolvedPlugin(plugin("d").description, .file("d"))))
        let (plugins, images) = set.forWorkers(first: 9)
        #expect(plugins.map(\.index) == [3, 7, 9, 0], "one without hooks in workers is not theirs")
        #expect(plugins.map(\.descriptor) == [9, nil, 10, nil])
        #expect(plugins.map(\.name) == ["", "libb.so", "", "d"])
        #expect(images.map(\.rawValue) == [50, 40])
        #expect(set[index: 7]?.id == "libb.so" && set[index: 0]?.id == "d" && set[index: 5] == nil)
    }

    @Test(
        arguments: [
            (.postFork, nil, "c", .guarded), (.postFork, nil, "swift", .inline), (.postFork, .inline, "c", .inline),
            (.onExit, nil, "c", .isolated),
        ] as [(HookPoint, Isolation?, String, Isolation)])
    func `run their hooks`(point: HookPoint, stated: Isolation?, language: String, isolation: Isolation) {
        var plugin = plugin("a")
        plugin.description.bindings = [.init(point)]
        plugin.description.isolation = stated
        #expect(member(1, plugin).called("a", "1", language).isolation == isolation)
    }
}

@Suite struct `How a worker ended, in a word,` {
    @Test(
        arguments: [
            (.exited(3), false, false, "exit_code", 3, 0), (.signaled(.kill), false, false, "signal", -1, 9),
            (.signaled(.kill), true, false, "hook", -1, 9), (.signaled(.abort), true, true, "timeout", -1, 6),
        ] as [(ExitStatus, Bool, Bool, String, Int32, Int32)])
    func `is told to hooks`(
        status: ExitStatus, inHook: Bool, isLate: Bool, reason: String, code: Int32, signal: Int32
    ) {
        let exit = HookFacts.Exit(status, inHook: inHook, isLate: isLate)
        #expect(exit == HookFacts.Exit(status: code, signal: signal, reason: reason))
    }
}
