import TalonPlatform
import TalonTesting
import Testing

@testable import TalonMaster

@Suite struct `A stop` {
    @Test(arguments: [(true, .terminate), (false, .quit)] as [(Bool, Signal)])
    func `closes the listeners, tells all workers, and ends with the last`(graceful: Bool, signal: Signal) {
        var supervision = Supervision.serving(2)
        #expect(
            supervision.take(.stop(graceful: graceful))
                == [.closeListeners, .signal(slot: 0, signal), .signal(slot: 1, signal)])
        #expect(supervision.exit(1).isEmpty)
        #expect(supervision.exit(0) == [.finish(status: 0)])
        #expect(supervision.tick(after: 100).isEmpty)
    }

    @Test(arguments: [true, false]) func `reaches workers that boot`(graceful: Bool) {
        var supervision = Supervision(2)
        supervision.take(.start)
        #expect(supervision.take(.stop(graceful: graceful)).signals.map(\.slot) == [0, 1])
        // One that gets ready now does not serve.
        #expect(supervision.take(.ready(slot: 0)).isEmpty)
        #expect(supervision.stopping == [0, 1])
        // Nor does one that fails now change the status.
        #expect(supervision.exit(0, .exited(3)).finish == nil)
        #expect(supervision.exit(1, .exited(3)).finish == 0)
    }

    @Test func `without any worker ends at once`() {
        var supervision = Supervision(1)
        #expect(supervision.take(.stop(graceful: true)) == [.closeListeners, .finish(status: 0)])
    }

    @Test(arguments: [(true, 10, 10), (true, 1, 1), (false, 10, 2), (false, 1, 1)] as [(Bool, UInt64, UInt64)])
    func `kills what is left at its deadline, and again`(graceful: Bool, limit: UInt64, seconds: UInt64) {
        var supervision = Supervision.serving(2, graceful: limit)
        supervision.take(.stop(graceful: graceful))
        supervision.exit(0)
        #expect(supervision.machine.nextDeadline == supervision.now + seconds * nanosecondsPerSecond)
        #expect(supervision.tick(after: Double(seconds) - 0.1).isEmpty)
        #expect(supervision.tick(after: 0.1) == [.signal(slot: 1, .kill)])
        #expect(supervision.tick(after: 0.5).isEmpty)
        #expect(supervision.tick(after: 0.5) == [.signal(slot: 1, .kill)])
        #expect(supervision.exit(1, .signaled(.kill)).finish == 0)
    }

    @Test func `in good order is hurried by a quick one, which leaves two seconds`() {
        var supervision = Supervision.serving(2, graceful: 10)
        supervision.take(.stop(graceful: true))
        supervision.tick(after: 1)
        #expect(
            supervision.take(.stop(graceful: false))
                == [.log(.info, "Quick shutdown requested"), .signal(slot: 0, .quit), .signal(slot: 1, .quit)])
        #expect(supervision.tick(after: 1.9).isEmpty)
        #expect(supervision.tick(after: 0.1).signals == [Sent(0, .kill), Sent(1, .kill)])
    }

    @Test func `is not put off by hurrying it near its deadline`() {
        var supervision = Supervision.serving(1, graceful: 10)
        supervision.take(.stop(graceful: true))
        supervision.tick(after: 9)
        supervision.take(.stop(graceful: false))
        #expect(supervision.tick(after: 1).signals == [Sent(0, .kill)])
    }

    @Test(
        arguments: [
            ([true], true), ([false], false), ([false], true), ([true, false], false), ([true, false], true),
        ] as [([Bool], Bool)])
    func `is not changed by what asks for less`(before: [Bool], then: Bool) {
        var supervision = Supervision.serving(1)
        for graceful in before { supervision.take(.stop(graceful: graceful)) }
        #expect(supervision.take(.stop(graceful: then)).isEmpty)
    }

    @Test(
        arguments: [.reload, .addWorker, .removeWorker, .tick(heartbeats: [:]), .ready(slot: 0), .start]
            as [SupervisorEvent])
    func `starts no worker, whatever comes`(event: SupervisorEvent) {
        var supervision = Supervision.serving(2)
        supervision.take(.stop(graceful: true))
        supervision.exit(0)
        #expect(supervision.take(event).isEmpty)
        #expect(supervision.machine.target == 2)
    }

    @Test func `in a reload ends both generations`() {
        var supervision = Supervision.serving(2)
        supervision.take(.reload)
        supervision.ready([2])
        #expect(supervision.take(.stop(graceful: true)).signals.map(\.slot) == [0, 1, 2, 3])
        supervision.ready([3])
        for slot in 0..<3 { #expect(supervision.exit(slot).isEmpty) }
        #expect(supervision.exit(3) == [.finish(status: 0)])
    }

    @Test func `in a back-off ends at once`() {
        var supervision = Supervision.serving(1)
        supervision.exit(0)
        supervision.exit(0, .exited(1))
        #expect(supervision.take(.stop(graceful: true)).finish == 0)
        #expect(supervision.machine.nextDeadline == nil)
    }

    @Test func `gives no more time to what was told to end before`() {
        var supervision = Supervision.serving(2, graceful: 10)
        supervision.take(.removeWorker)
        supervision.tick(after: 8, beating: [1])
        supervision.take(.stop(graceful: true))
        #expect(supervision.tick(after: 2).signals == [Sent(0, .kill)])
    }
}
