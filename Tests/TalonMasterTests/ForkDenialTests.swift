import TalonPlatform
import TalonTesting
import Testing

@testable import TalonMaster

@Suite struct `A worker whose start is denied by a hook` {
    /// The machine as the master uses it: every worker that is to be started is denied.
    private func deny(_ supervision: inout Supervision, _ spawns: [Spawn], _ reason: String) -> [SupervisorAction] {
        spawns.flatMap { spawn in
            supervision.machine.handle(.forkDenied(slot: spawn.slot, reason: reason), now: supervision.now)
        }
    }

    private func tick(_ supervision: inout Supervision, after nanoseconds: UInt64) -> [SupervisorAction] {
        supervision.now += nanoseconds
        return supervision.machine.handle(.tick(heartbeats: [:]), now: supervision.now)
    }

    @Test func `is started later, each time after twice the time, up to ten seconds`() throws {
        var supervision = Supervision(1)
        var spawns = supervision.machine.handle(.start, now: supervision.now).spawns
        var waits: [UInt64] = []
        for _ in 0..<10 {
            #expect(spawns.count == 1)
            #expect(deny(&supervision, spawns, "no").spawns.isEmpty)
            let wait = try #require(supervision.machine.nextDeadline) - supervision.now
            waits.append(wait / 1_000_000)
            #expect(tick(&supervision, after: wait - 1).spawns.isEmpty)
            spawns = tick(&supervision, after: 1).spawns
        }
        #expect(waits == [100, 200, 400, 800, 1600, 3200, 6400, 10000, 10000, 10000])
    }

    @Test func `ends a reload that was to bring it up, after the boot limit`() {
        var supervision = Supervision.serving(1, timeout: 0, boot: 5)
        var spawns = supervision.machine.handle(.reload, now: supervision.now).spawns
        var lines: [String] = []
        for _ in 0..<20 where supervision.machine.incoming != nil {
            #expect(spawns.count == 1)
            lines += deny(&supervision, spawns, "no").lines
            spawns = tick(&supervision, after: 11 * nanosecondsPerSecond).spawns
        }
        #expect(lines.last == "ERROR Reload failed: no; the workers of generation 1 go on")
        #expect(spawns.isEmpty && supervision.serving == [0])
    }

    @Test func `is mentioned once for each reason, and when it ends`() {
        var supervision = Supervision(1)
        var lines: [String] = []
        var spawns = supervision.machine.handle(.start, now: supervision.now).spawns
        for reason in ["a denies", "a denies", "b denies"] {
            lines += deny(&supervision, spawns, reason).lines
            spawns = tick(&supervision, after: 10 * nanosecondsPerSecond).spawns
        }
        #expect(
            lines == ["WARNING A worker is started later: a denies", "WARNING A worker is started later: b denies"])
        let slot = spawns.first?.slot ?? -1
        let actions = supervision.machine.handle(.spawned(slot: slot, pid: 7), now: supervision.now)
        #expect(actions.lines == ["INFO Workers are started again"])
        supervision.ready([slot])
        #expect(supervision.serving == [slot] && supervision.machine.nextDeadline == nil)
    }

    @Test func `is one denial with those that were to be started together`() {
        var supervision = Supervision(4)
        let spawns = supervision.machine.handle(.start, now: supervision.now).spawns
        #expect(deny(&supervision, spawns, "no").lines.count == 1)
        #expect(supervision.machine.nextDeadline == supervision.now + 100_000_000)
        #expect(tick(&supervision, after: 100_000_000).spawns.count == 4)
    }

    @Test func `does not keep the others from being started`() {
        var supervision = Supervision(2)
        let spawns = supervision.machine.handle(.start, now: supervision.now).spawns
        _ = deny(&supervision, Array(spawns.prefix(1)), "no")
        #expect(supervision.machine.handle(.spawned(slot: 1, pid: 9), now: supervision.now).lines.isEmpty)
        supervision.ready([1])
        #expect(supervision.serving == [1])
    }

    @Test func `leaves the old generation serving during a reload`() {
        var supervision = Supervision.serving(2)
        let spawns = supervision.machine.handle(.reload, now: supervision.now).spawns
        #expect(deny(&supervision, spawns, "no").signals.isEmpty)
        #expect(supervision.serving == [0, 1] && supervision.machine.incoming == 2)
        #expect(supervision.tick(after: 0.1, beating: [0, 1]).spawns.map(\.generation) == [2, 2])
    }

    @Test func `does not hold up a stop`() {
        var supervision = Supervision(1)
        let spawns = supervision.machine.handle(.start, now: supervision.now).spawns
        _ = deny(&supervision, spawns, "no")
        #expect(supervision.take(.stop(graceful: true)).finish == 0)
        #expect(supervision.machine.nextDeadline == nil)
    }
}

@Suite struct `A worker that is to be restarted` {
    @Test func `is replaced, then told to stop`() {
        var supervision = Supervision.serving(2)
        #expect(supervision.take(.restart(slot: 1)) == [.spawn(slot: 2, age: 3, generation: 1)])
        #expect(supervision.take(.restart(slot: 1)).isEmpty, "once is enough")
        #expect(supervision.ready([2]) == [.signal(slot: 1, .terminate)])
        #expect(supervision.machine.order(1).reason == .plugin)
        #expect(supervision.exit(1).isEmpty)
    }

    @Test func `is told to stop at once while it boots`() {
        var supervision = Supervision(1)
        supervision.take(.start)
        let actions = supervision.take(.restart(slot: 0))
        #expect(actions.signals == [Sent(0, .terminate)] && actions.spawns == [Spawn(1, age: 2)])
    }

    @Test func `must be there, in a server that runs`() {
        var supervision = Supervision.serving(1)
        #expect(supervision.take(.restart(slot: 5)).isEmpty)
        supervision.take(.stop(graceful: true))
        #expect(supervision.take(.restart(slot: 0)).isEmpty)
    }
}
