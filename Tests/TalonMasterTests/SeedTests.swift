import TalonPlatform
import TalonTesting
import Testing

@testable import TalonMaster

/// The workers are wanted of a seed, and are there when it has forked them.
@Suite struct `A seed that ends` {
    /// Two that are wanted.
    private func waiting() -> Supervision {
        var supervision = Supervision(2)
        _ = supervision.machine.handle(.start, now: supervision.now)
        return supervision
    }

    private func ended(_ generation: UInt64, loaded: Bool) -> SupervisorEvent {
        .seedEnded(generation: generation, wasLoaded: loaded, reason: "seed (pid:9) was sent SIGKILL")
    }

    @Test func `before it has loaded the application, at the start, halts the server with 1`() {
        var supervision = waiting()
        let actions = supervision.take(ended(1, loaded: false))
        #expect(actions.contains(.closeListeners) && actions.finish == 1)
        #expect(actions.lines.last == "ERROR Reason: App failed to load.")
    }

    @Test func `before its first worker was there is tried again after a while`() {
        var supervision = waiting()
        let actions = supervision.take(ended(1, loaded: true))
        #expect(actions.lines == ["ERROR No worker can be started: seed (pid:9) was sent SIGKILL"])
        #expect(actions.spawns.isEmpty && actions.finish == nil)
        #expect(supervision.tick(after: 1).spawns == [Spawn(0, age: 3), Spawn(1, age: 4)])
    }

    @Test(arguments: [false, true]) func `in a reload ends the reload`(loaded: Bool) {
        var supervision = Supervision.serving(2)
        _ = supervision.machine.handle(.reload, now: supervision.now)
        let actions = supervision.take(ended(2, loaded: loaded))
        let line = actions.lines.last ?? ""
        #expect(actions.lines.count == 1 && line.hasPrefix("ERROR Reload failed: "))
        #expect(line.hasSuffix("seed (pid:9) was sent SIGKILL; the workers of generation 1 go on"))
        #expect(actions.signals.isEmpty && actions.spawns.isEmpty)
        #expect(supervision.serving == [0, 1] && supervision.machine.workers.count == 2)
    }

    @Test(arguments: [false, true]) func `after a server has served never halts it`(loaded: Bool) {
        var supervision = Supervision.serving(2)
        _ = supervision.machine.handle(.exited(slot: 1, .signaled(.kill), inHook: nil), now: supervision.now)
        let actions = supervision.take(ended(1, loaded: loaded))
        #expect(actions.finish == nil && !actions.contains(.closeListeners))
        #expect(supervision.tick(after: 2, beating: [0]).spawns == [Spawn(1, age: 4)])
    }

    @Test func `when no worker is wanted of it changes nothing`() {
        var supervision = Supervision.serving(2)
        #expect(supervision.take(ended(1, loaded: true)).isEmpty)
        #expect(supervision.serving == [0, 1])
    }
}

@Suite struct `A worker that a seed is to fork` {
    @Test func `has its time to boot from when it is there`() {
        var supervision = Supervision(1, boot: 60)
        _ = supervision.machine.handle(.start, now: supervision.now)
        #expect(supervision.tick(after: 100).isEmpty, "the time of its seed is not its own")
        _ = supervision.machine.handle(.spawned(slot: 0, pid: 101), now: supervision.now)
        #expect(supervision.tick(after: 59).isEmpty)
        #expect(supervision.tick(after: 2).signals == [Sent(0, .abort)])
    }

    @Test func `is not wanted any more when the server stops, which then ends at once`() {
        var supervision = Supervision(1)
        _ = supervision.machine.handle(.start, now: supervision.now)
        #expect(supervision.machine.wants(slot: 0, age: 1))
        let actions = supervision.take(.stop(graceful: true))
        #expect(actions.finish == 0 && !supervision.machine.wants(slot: 0, age: 1))
    }
}
