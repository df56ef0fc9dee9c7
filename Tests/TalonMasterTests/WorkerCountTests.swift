import TalonPlatform
import TalonTesting
import Testing

@testable import TalonMaster

@Suite struct `The number of workers` {
    @Test func `grows by one with TTIN`() {
        var supervision = Supervision.serving(1)
        #expect(supervision.take(.addWorker) == [.spawn(slot: 1, age: 2, generation: 1)])
        #expect(supervision.machine.target == 2)
    }

    @Test func `shrinks by the oldest with TTOU`() {
        var supervision = Supervision.serving(3)
        supervision.exit(0)
        supervision.ready([0])
        // Slot 0 has the youngest now.
        #expect(supervision.take(.removeWorker) == [.signal(slot: 1, .terminate)])
        #expect(supervision.take(.removeWorker) == [.signal(slot: 2, .terminate)])
        #expect(supervision.exit(1).isEmpty)
        #expect(supervision.exit(2).isEmpty)
        #expect(supervision.serving == [0])
    }

    @Test func `is never less than one`() {
        var supervision = Supervision.serving(1)
        #expect(supervision.take(.removeWorker).isEmpty)
        #expect(supervision.machine.target == 1)
    }

    @Test func `leaves room for a reload`() {
        var supervision = Supervision.serving(3, slots: 8)
        #expect(supervision.take(.addWorker).spawns.count == 1)
        #expect(supervision.take(.addWorker) == [.log(.warning, "No more than 4 workers are possible")])
        supervision.ready([3])
    }

    @Test func `is the configured one again after a reload`() {
        var supervision = Supervision.serving(3, slots: 8)
        supervision.take(.addWorker)
        supervision.ready([3])
        #expect(supervision.take(.reload).spawns.map(\.slot) == [4, 5, 6])
        #expect(supervision.machine.target == 3)
    }

    @Test func `kills what TTOU told to stop and did not`() {
        var supervision = Supervision.serving(2, graceful: 10)
        supervision.take(.removeWorker)
        #expect(supervision.tick(after: 10, beating: [1]).signals == [Sent(0, .kill)])
    }

    @Test func `grows during a reload with a worker of the new generation`() {
        var supervision = Supervision.serving(2)
        supervision.take(.reload)
        #expect(supervision.take(.addWorker).spawns == [Spawn(4, age: 5, generation: 2)])
        #expect(supervision.ready([2, 3]).isEmpty)
        #expect(supervision.ready([4]).signals == [Sent(0, .terminate), Sent(1, .terminate)])
    }

    @Test func `shrinks during a reload when the new generation serves`() {
        var supervision = Supervision.serving(2)
        supervision.take(.reload)
        #expect(supervision.take(.removeWorker).isEmpty)
        // One is enough now.
        #expect(supervision.ready([2]).signals == [Sent(0, .terminate), Sent(1, .terminate)])
        #expect(supervision.ready([3]).signals == [Sent(2, .terminate)])
        #expect(supervision.serving == [3])
    }

    @Test func `shrinks by a worker that serves only when enough others do`() {
        var supervision = Supervision.serving(1)
        supervision.take(.addWorker)
        #expect(supervision.take(.removeWorker).isEmpty)
        #expect(supervision.serving == [0])
        #expect(supervision.ready([1]) == [.signal(slot: 0, .terminate)])
    }

    @Test func `stays when the surplus worker dies at boot`() {
        var supervision = Supervision.serving(1)
        supervision.take(.addWorker)
        supervision.take(.removeWorker)
        #expect(supervision.exit(1, .exited(1)).spawns.isEmpty)
        #expect(supervision.tick(after: 1, beating: [0]).isEmpty)
        #expect(supervision.serving == [0])
    }

    @Test func `completes a reload by shrinking to what serves already`() {
        var supervision = Supervision.serving(2)
        supervision.take(.reload)
        supervision.ready([2])
        let actions = supervision.take(.removeWorker)
        #expect(actions.lines == ["INFO Reloaded: the workers of generation 2 serve"])
        #expect(supervision.machine.generation == 2)
    }

    @Test func `is none after WINCH, until more are asked for`() {
        var supervision = Supervision.serving(2)
        let actions = supervision.take(.dismiss)
        #expect(actions.lines == ["INFO graceful stop of workers"])
        #expect(actions.signals == [Sent(0, .terminate), Sent(1, .terminate)])
        #expect(supervision.exit(0).isEmpty && supervision.exit(1).isEmpty)
        #expect(supervision.tick(after: 60).isEmpty && supervision.machine.nextDeadline == nil)
        #expect(supervision.take(.removeWorker).isEmpty)
        #expect(supervision.take(.addWorker).spawns == [Spawn(0, age: 3)])
    }

    @Test func `is none after WINCH, and a reload that was under way has failed`() {
        var supervision = Supervision.serving(1)
        supervision.take(.reload)
        let lines = supervision.take(.dismiss).lines
        #expect(lines.first?.hasPrefix("ERROR Reload failed: the workers were dismissed; ") == true)
        #expect(supervision.machine.generation == 1 && supervision.machine.incoming == nil)
    }

    @Test func `is that of the settings again when a reload follows WINCH`() {
        var supervision = Supervision.serving(2)
        supervision.take(.dismiss)
        #expect(supervision.take(.reload).spawns.count == 2)
        supervision.ready([2, 3])
        #expect(supervision.serving == [2, 3] && supervision.machine.generation == 2)
    }

    @Test func `is kept when workers die`() {
        var supervision = Supervision.serving(2)
        supervision.take(.addWorker)
        supervision.ready([2])
        for slot in [2, 0, 1] { #expect(supervision.exit(slot).spawns.map(\.slot) == [slot]) }
    }
}
