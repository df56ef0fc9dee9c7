import TalonPlatform
import TalonTesting
import Testing

@testable import TalonMaster

@Suite struct `A worker that ends before anything was served` {
    @Test(arguments: [(3, "Worker failed to boot."), (4, "App failed to load.")] as [(Int32, String)])
    func `with status 3 or 4 halts the server with that status`(code: Int32, reason: String) {
        var supervision = Supervision(2)
        supervision.take(.start)
        let actions = supervision.exit(1, .exited(code))
        #expect(
            actions.lines == [
                "ERROR Worker (pid:102) exited with code \(code).", "ERROR Shutting down: Master",
                "ERROR Reason: \(reason)",
            ])
        #expect(actions.contains(.closeListeners))
        #expect(actions.signals == [Sent(0, .terminate)])
        #expect(actions.spawns.isEmpty && actions.finish == nil)
        #expect(supervision.exit(0, .signaled(.terminate)).finish == code)
    }

    @Test func `halts the server at once if it was alone`() {
        var supervision = Supervision(1)
        supervision.take(.start)
        #expect(supervision.exit(0, .exited(3)).last == .finish(status: 3))
    }

    @Test func `keeps its status when the halt is hurried`() {
        var supervision = Supervision(2)
        supervision.take(.start)
        supervision.exit(0, .exited(4))
        let hurried = supervision.take(.stop(graceful: false))
        #expect(hurried.lines == ["INFO Quick shutdown requested"])
        #expect(hurried.signals == [Sent(1, .quit)])
        #expect(supervision.tick(after: 2).signals == [Sent(1, .kill)])
        #expect(supervision.exit(1, .signaled(.kill)).finish == 4)
    }

    @Test(arguments: [.exited(0), .exited(1), .exited(5), .signaled(.kill), .signaled(Signal(11))] as [ExitStatus])
    func `in another way is tried again later`(status: ExitStatus) {
        var supervision = Supervision(1)
        supervision.take(.start)
        #expect(supervision.exit(0, status).spawns.isEmpty)
        #expect(supervision.machine.nextDeadline == supervision.now + 100_000_000)
        #expect(supervision.tick(after: 0.1).spawns == [Spawn(0, age: 2)])
    }

    @Test func `in the code of a plugin is tried again, whatever its status`() {
        var supervision = Supervision(1)
        supervision.take(.start)
        let actions = supervision.take(.exited(slot: 0, .exited(3), inHook: "hook post_fork of plugin p"))
        #expect(actions.lines.last == "ERROR Worker (pid:101) ended in hook post_fork of plugin p")
        #expect(supervision.tick(after: 0.1).spawns == [Spawn(0, age: 2)])
    }
}

@Suite struct `Workers that fail to boot` {
    /// One worker dies at boot again and again; the waits, in milliseconds.
    private func waits(_ supervision: inout Supervision, _ count: Int, _ status: ExitStatus) throws -> [UInt64] {
        try (0..<count).map { _ in
            supervision.exit(0, status)
            let deadline = try #require(supervision.machine.nextDeadline)
            let wait = deadline - supervision.now
            #expect(supervision.tick(after: Double(wait - 1) / 1e9).spawns.isEmpty)
            #expect(supervision.tick(after: 1e-9).spawns.count == 1)
            return wait / 1_000_000
        }
    }

    @Test func `are tried again after twice the time, up to half a minute`() throws {
        var supervision = Supervision(1)
        supervision.take(.start)
        #expect(
            try waits(&supervision, 12, .exited(1))
                == [100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 30000, 30000, 30000])
    }

    @Test func `are tried again soon after one that got ready`() throws {
        var supervision = Supervision(1)
        supervision.take(.start)
        _ = try waits(&supervision, 5, .exited(1))
        supervision.ready([0])
        #expect(supervision.exit(0).spawns.count == 1)
        #expect(try waits(&supervision, 2, .exited(1)) == [100, 200])
    }

    @Test func `do not halt a server that has served`() throws {
        var supervision = Supervision.serving(1)
        supervision.exit(0)
        #expect(try waits(&supervision, 3, .exited(3)) == [100, 200, 400])
    }

    @Test func `are mentioned from the second in a row`() {
        var supervision = Supervision.serving(1)
        supervision.exit(0)
        #expect(supervision.exit(0, .exited(1)).lines.count == 1)
        supervision.tick(after: 0.1)
        #expect(
            supervision.exit(0, .exited(1)).lines.last
                == "WARNING Workers fail to boot (2 in a row); the next try is in 200 ms")
    }

    @Test func `all together count as one failure`() {
        var supervision = Supervision(8)
        supervision.take(.start)
        for slot in 0..<8 { supervision.exit(slot, .exited(1)) }
        #expect(supervision.machine.nextDeadline == supervision.now + 100_000_000)
        #expect(supervision.tick(after: 0.1).spawns.count == 8)
        for slot in 0..<8 { supervision.exit(slot, .exited(1)) }
        #expect(supervision.machine.nextDeadline == supervision.now + 200_000_000)
    }

    @Test func `do not hold up those that boot`() {
        var supervision = Supervision(3)
        supervision.take(.start)
        supervision.exit(1, .exited(1))
        supervision.ready([0, 2])
        #expect(supervision.serving == [0, 2])
        #expect(supervision.tick(after: 0.1, beating: [0, 2]).spawns == [Spawn(1, age: 4)])
    }
}

@Suite struct `A server whose workers have never served` {
    @Test(arguments: [.exited(1), .signaled(.kill)] as [ExitStatus])
    func `ends with status 3 when its tries are spent`(status: ExitStatus) {
        var supervision = Supervision(1, bootRetries: 2)
        supervision.take(.start)
        for _ in 0..<2 {
            #expect(supervision.exit(0, status).finish == nil)
            #expect(supervision.tick(after: 30).spawns.count == 1)
        }
        let actions = supervision.exit(0, status)
        #expect(
            actions.lines.suffix(2) == [
                "ERROR Shutting down: Master",
                "ERROR Reason: Workers failed to boot 3 times, and none has served (boot_retries); "
                    + "worker (pid:103) \(status.phrase) before it was ready",
            ])
        #expect(actions.finish == 3)
    }

    @Test func `has one try with none left`() {
        var supervision = Supervision(2, bootRetries: 0)
        supervision.take(.start)
        let actions = supervision.exit(0, .exited(1))
        #expect(actions.signals == [Sent(1, .terminate)])
        #expect(supervision.exit(1).finish == 3)
    }

    @Test func `counts those that cannot be started too`() {
        var supervision = Supervision(1, bootRetries: 0)
        supervision.take(.start)
        #expect(supervision.take(.spawnFailed(slot: 0, reason: "fork: no")).finish == 3)
    }

    @Test func `is not ended for it once one has served`() {
        var supervision = Supervision(1, bootRetries: 1)
        supervision.take(.start)
        supervision.ready([0])
        supervision.exit(0)
        for _ in 0..<50 {
            #expect(supervision.exit(0, .exited(1)).finish == nil)
            #expect(supervision.tick(after: 30).spawns.count == 1)
        }
    }
}

@Suite struct `A worker that cannot be started` {
    @Test func `is logged, and tried again later`() {
        var supervision = Supervision(1)
        supervision.take(.start)
        let actions = supervision.take(.spawnFailed(slot: 0, reason: "exec python3: No such file or directory"))
        #expect(actions.lines == ["ERROR A worker cannot be started: exec python3: No such file or directory"])
        #expect(actions.spawns.isEmpty)
        #expect(supervision.tick(after: 0.05).spawns.isEmpty)
        #expect(supervision.tick(after: 0.05).spawns == [Spawn(0, age: 2)])
    }

    @Test func `ends a reload, and the old ones serve on`() {
        var supervision = Supervision.serving(2)
        supervision.take(.reload)
        let actions = supervision.take(.spawnFailed(slot: 3, reason: "fork: Resource temporarily unavailable"))
        #expect(
            actions.lines.last
                == "ERROR Reload failed: it could not be started; the workers of generation 1 go on")
        #expect(actions.signals == [Sent(2, .terminate)])
        #expect(supervision.serving == [0, 1])
    }

    @Test func `ends a reload before the others are started, which then are not waited for`() {
        var supervision = Supervision.serving(3)
        // The master performs one action after the other; here the first spawn fails already.
        let spawns = supervision.machine.handle(.reload, now: supervision.now).spawns
        #expect(spawns.map(\.slot) == [3, 4, 5])
        #expect(supervision.machine.wants(slot: 4, age: 5))
        let actions = supervision.take(.spawnFailed(slot: 3, reason: "exec python3: No such file or directory"))
        #expect(actions.signals.isEmpty && actions.spawns.isEmpty)
        for spawn in spawns { #expect(!supervision.machine.wants(slot: spawn.slot, age: spawn.age)) }
        #expect(supervision.machine.workers.count == 3 && supervision.machine.nextDeadline == nil)
        supervision.take(.stop(graceful: true))
        #expect((0..<3).compactMap { supervision.exit($0).finish } == [0])
    }

    @Test func `is wanted once: not another in its slot, not one that is there`() {
        var supervision = Supervision(1)
        _ = supervision.machine.handle(.start, now: supervision.now)
        #expect(supervision.machine.wants(slot: 0, age: 1))
        #expect(!supervision.machine.wants(slot: 0, age: 2) && !supervision.machine.wants(slot: 1, age: 1))
        supervision.take(.spawned(slot: 0, pid: 5))
        #expect(!supervision.machine.wants(slot: 0, age: 1))
    }
}
