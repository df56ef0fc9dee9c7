import TalonPlatform
import TalonTesting
import Testing

@testable import TalonMaster

@Suite struct `A supervisor that starts` {
    @Test(arguments: [1, 2, 7])
    func `fills the slots from 0 with the ages from 1`(workers: Int) {
        var supervision = Supervision(workers)
        let actions = supervision.take(.start)
        #expect(actions.count == workers)
        #expect(actions.spawns == (0..<workers).map { Spawn($0, age: UInt64($0) + 1) })
    }

    @Test func `does nothing more when the workers are ready`() {
        var supervision = Supervision(3)
        supervision.take(.start)
        #expect(supervision.ready(0..<3).isEmpty)
        #expect(supervision.serving == [0, 1, 2])
        #expect(supervision.tick(after: 1, beating: 0..<3).isEmpty)
        #expect(supervision.machine.nextDeadline == nil)
    }

    @Test func `passes over what concerns a slot without a worker`() {
        var supervision = Supervision.serving(1)
        for event: SupervisorEvent in [
            .ready(slot: 5), .spawned(slot: 5, pid: 1), .exited(slot: 5, .exited(3), inHook: nil),
            .overran(slot: 5, hook: "h"),
        ] {
            #expect(supervision.take(event).isEmpty)
        }
        #expect(supervision.serving == [0])
    }
}

@Suite struct `A worker that ends while it serves` {
    @Test func `is replaced at once, in the lowest free slot, by one of a new age`() {
        var supervision = Supervision.serving(3)
        #expect(supervision.exit(1).spawns == [Spawn(1, age: 4)])
        #expect(supervision.exit(0).spawns == [Spawn(0, age: 5)])
        #expect(supervision.exit(2).spawns == [Spawn(2, age: 6)])
    }

    @Test(
        arguments: [
            (.exited(0), []),
            (.exited(1), ["ERROR Worker (pid:101) exited with code 1."]),
            (.exited(3), ["ERROR Worker (pid:101) exited with code 3."]),
            (.signaled(.kill), ["ERROR Worker (pid:101) was sent SIGKILL!"]),
            (.signaled(.terminate), ["INFO Worker (pid:101) was sent SIGTERM!"]),
            (.signaled(Signal(11)), ["WARNING Worker (pid:101) was sent SIGSEGV!"]),
        ] as [(ExitStatus, [String])])
    func `is reported as gunicorn does, and replaced`(status: ExitStatus, lines: [String]) {
        var supervision = Supervision.serving(1)
        let actions = supervision.exit(0, status)
        #expect(actions.lines == lines)
        #expect(actions.spawns == [Spawn(0, age: 2)])
    }

    @Test func `names the hook that it ended in`() {
        var supervision = Supervision.serving(1)
        let actions = supervision.take(.exited(slot: 0, .exited(0), inHook: "hook post_fork of plugin p"))
        #expect(actions.lines == ["ERROR Worker (pid:101) ended in hook post_fork of plugin p"])
    }
}

@Suite struct `A worker that stays in a hook for too long` {
    @Test func `is killed, with a line that names the hook`() {
        var supervision = Supervision.serving(2)
        let actions = supervision.take(.overran(slot: 1, hook: "hook post_fork of plugin p"))
        #expect(actions.signals == [Sent(1, .kill)])
        #expect(
            actions.lines == ["ERROR Worker (pid:102) is in hook post_fork of plugin p for too long; it is killed"])
    }
}
