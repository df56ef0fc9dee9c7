import TalonPlatform
import TalonTesting
import Testing

@testable import TalonMaster

@Suite struct `A reload` {
    @Test func `starts a new generation beside the old one`() {
        var supervision = Supervision.serving(2)
        #expect(
            supervision.take(.reload)
                == [.spawn(slot: 2, age: 3, generation: 2), .spawn(slot: 3, age: 4, generation: 2)])
        #expect(supervision.serving == [0, 1])
        #expect(supervision.machine.generation == 1)
    }

    @Test func `tells the old ones to stop only when all new ones are ready`() {
        var supervision = Supervision.serving(3)
        supervision.take(.reload)
        #expect(supervision.ready([3, 5]).isEmpty)
        let actions = supervision.ready([4])
        #expect(actions.lines == ["INFO Reloaded: the workers of generation 2 serve"])
        #expect(actions.signals == [Sent(0, .terminate), Sent(1, .terminate), Sent(2, .terminate)])
        #expect(supervision.machine.generation == 2)
        #expect(supervision.serving == [3, 4, 5])
        for slot in 0..<3 { #expect(supervision.exit(slot).isEmpty) }
        // From here on the freed slots are used, with the new generation.
        #expect(supervision.exit(4).spawns == [Spawn(0, age: 7, generation: 2)])
    }

    @Test func `kills an old one that does not stop in time`() {
        var supervision = Supervision.serving(1, graceful: 10)
        supervision.take(.reload)
        supervision.ready([1])
        #expect(supervision.tick(after: 9, beating: [1]).isEmpty)
        #expect(supervision.tick(after: 1, beating: [1]) == [.signal(slot: 0, .kill)])
    }

    @Test(arguments: [.exited(0), .exited(1), .exited(3), .exited(4), .signaled(.kill)] as [ExitStatus])
    func `is abandoned when a new one dies at boot, and the old ones serve on`(status: ExitStatus) {
        var supervision = Supervision.serving(2)
        supervision.take(.reload)
        supervision.ready([3])
        let actions = supervision.exit(2, status)
        #expect(
            actions.lines.last
                == "ERROR Reload failed: worker (pid:103) \(status.phrase) before it was ready; "
                + "the workers of generation 1 go on")
        #expect(actions.signals == [Sent(3, .terminate)])
        #expect(actions.spawns.isEmpty)
        #expect(supervision.serving == [0, 1])
        #expect(supervision.exit(3).isEmpty)
        #expect(supervision.machine.nextDeadline == nil)
    }

    @Test func `works after one that was abandoned`() {
        var supervision = Supervision.serving(2)
        supervision.take(.reload)
        supervision.exit(2, .exited(3))
        supervision.exit(3)
        #expect(
            supervision.take(.reload).spawns == [Spawn(2, age: 5, generation: 3), Spawn(3, age: 6, generation: 3)])
        supervision.ready([2, 3])
        #expect(supervision.machine.generation == 3)
        #expect(supervision.stopping == [0, 1])
    }

    @Test func `before anything was served does not halt the server when the new workers fail`() {
        var supervision = Supervision(1)
        supervision.take(.start)
        supervision.take(.reload)
        #expect(supervision.exit(1, .exited(3)).finish == nil)
        supervision.ready([0])
        #expect(supervision.serving == [0])
    }

    @Test func `right after another takes the place of that one`() {
        var supervision = Supervision.serving(2)
        supervision.take(.reload)
        let actions = supervision.take(.reload)
        #expect(actions.signals == [Sent(2, .terminate), Sent(3, .terminate)])
        #expect(actions.spawns == [Spawn(4, age: 5, generation: 3), Spawn(5, age: 6, generation: 3)])
        // The workers that were called off change nothing any more: neither ready nor dead.
        #expect(supervision.ready([2]).isEmpty)
        #expect(supervision.exit(2, .exited(3)).spawns.isEmpty)
        #expect(supervision.exit(3).isEmpty)
        supervision.ready([4, 5])
        #expect(supervision.machine.generation == 3)
        #expect(supervision.stopping == [0, 1])
    }

    @Test func `after another gives no more time to the workers before both`() {
        var supervision = Supervision.serving(1, graceful: 10)
        supervision.take(.reload)
        supervision.ready([1])
        supervision.tick(after: 8, beating: [1])
        supervision.take(.reload)
        #expect(supervision.ready([2]).signals == [Sent(1, .terminate)])
        #expect(supervision.tick(after: 2, beating: [2]).signals == [Sent(0, .kill)])
    }

    @Test func `does not replace an old worker that dies meanwhile`() {
        var supervision = Supervision.serving(2)
        supervision.take(.reload)
        #expect(supervision.exit(0, .signaled(.kill)).spawns.isEmpty)
        supervision.ready([2, 3])
        #expect(supervision.serving == [2, 3])
        #expect(supervision.stopping == [1])
    }

    @Test func `replaces the old workers that died meanwhile when it is abandoned`() {
        var supervision = Supervision.serving(2)
        supervision.take(.reload)
        supervision.exit(0, .signaled(.kill))
        #expect(supervision.exit(2, .exited(3)).spawns == [Spawn(0, age: 5, generation: 1)])
    }

    @Test func `replaces a new worker that dies after it was ready`() {
        var supervision = Supervision.serving(2)
        supervision.take(.reload)
        supervision.ready([2])
        #expect(supervision.exit(2, .signaled(.kill)).spawns == [Spawn(2, age: 5, generation: 2)])
        #expect(supervision.ready([3]).isEmpty)
        #expect(supervision.ready([2]).signals.map(\.slot) == [0, 1])
    }

    @Test(arguments: [.exited(1), .exited(3)] as [ExitStatus])
    func `is not ended by an old worker that dies at boot`(status: ExitStatus) {
        var supervision = Supervision.serving(2)
        // One crashed, and its replacement boots; the reload may be what mends it.
        supervision.exit(1)
        supervision.take(.reload)
        let actions = supervision.exit(1, status)
        #expect(actions.spawns.isEmpty && actions.signals.isEmpty)
        #expect(actions.lines == ["ERROR Worker (pid:103) \(status.phrase)."])
        supervision.ready([2, 3])
        #expect(supervision.machine.generation == 2)
    }

    @Test func `ends a back-off`() {
        var supervision = Supervision.serving(1)
        supervision.exit(0)
        for _ in 0..<5 {
            supervision.exit(0, .exited(1))
            supervision.tick(after: 30)
        }
        supervision.exit(0, .exited(1))
        #expect(supervision.take(.reload).spawns == [Spawn(0, age: 8, generation: 2)])
    }

    @Test func `waits for slots without asking for ticks, when stopping workers hold them all`() {
        var supervision = Supervision.serving(2, graceful: 10, slots: 4)
        supervision.take(.reload)
        #expect(supervision.take(.reload).spawns.isEmpty)
        // Only the graceful deadline of those that were called off.
        #expect(supervision.machine.nextDeadline == supervision.now + 10 * nanosecondsPerSecond)
        #expect(supervision.exit(2).spawns == [Spawn(2, age: 5, generation: 3)])
        #expect(supervision.exit(3).spawns == [Spawn(3, age: 6, generation: 3)])
    }
}
