import TalonPlatform
import TalonTesting
import Testing

@testable import TalonMaster

@Suite struct `The end of a worker` {
    struct Case: Sendable, CustomTestStringConvertible {
        let end: WorkerEnd
        let reason: ExitReason
        let isForced: Bool

        init(_ end: WorkerEnd, _ reason: ExitReason, forced: Bool) {
            self.end = end
            self.reason = reason
            isForced = forced
        }

        var testDescription: String { "\(end) is \(reason.rawValue)" }
    }

    static let cases: [Case] = [
        // By itself.
        Case(WorkerEnd(status: .exited(0)), .exitCode, forced: false),
        Case(WorkerEnd(status: .exited(1)), .exitCode, forced: true),
        Case(WorkerEnd(status: .exited(0), farewell: .exit), .exitCode, forced: false),
        Case(WorkerEnd(status: .exited(7), farewell: .exit), .exitCode, forced: true),
        Case(WorkerEnd(status: .exited(0), farewell: .maxRequests), .maxRequests, forced: false),
        Case(WorkerEnd(status: .exited(0), farewell: .memory), .memory, forced: false),
        Case(WorkerEnd(status: .exited(0), farewell: .plugin), .plugin, forced: false),
        // By a signal that somebody else sent.
        Case(WorkerEnd(status: .exited(0), farewell: .quit), .quit, forced: false),
        Case(WorkerEnd(status: .exited(0), farewell: .terminate), .signal, forced: false),
        Case(WorkerEnd(status: .exited(1), farewell: .abort), .abort, forced: true),
        Case(WorkerEnd(status: .exited(0), farewell: .abort), .abort, forced: true),
        Case(WorkerEnd(status: .signaled(.quit)), .quit, forced: false),
        Case(WorkerEnd(status: .signaled(.interrupt)), .quit, forced: false),
        Case(WorkerEnd(status: .signaled(.terminate)), .signal, forced: false),
        Case(WorkerEnd(status: .signaled(.abort)), .abort, forced: true),
        Case(WorkerEnd(status: .signaled(.kill)), .signal, forced: true),
        Case(WorkerEnd(status: .signaled(Signal(11))), .signal, forced: true),
        // By the kernel: another signal is not its doing, whatever it has counted.
        Case(WorkerEnd(status: .signaled(.kill), isOutOfMemory: true), .oom, forced: true),
        Case(WorkerEnd(status: .signaled(Signal(11)), isOutOfMemory: true), .signal, forced: true),
        // At boot.
        Case(WorkerEnd(status: .exited(3), wasBooting: true), .boot, forced: true),
        Case(WorkerEnd(status: .exited(0), wasBooting: true), .boot, forced: false),
        Case(WorkerEnd(status: .signaled(.kill), wasBooting: true), .signal, forced: true),
        Case(WorkerEnd(status: .signaled(.kill), wasBooting: true, isOutOfMemory: true), .oom, forced: true),
        // In plugin code.
        Case(WorkerEnd(status: .signaled(Signal(11)), wasInHook: true), .plugin, forced: true),
        Case(WorkerEnd(status: .exited(3), wasBooting: true, wasInHook: true), .plugin, forced: true),
        // Told by the master, and then whatever came: the order is the cause.
        Case(WorkerEnd(status: .exited(0), order: .hup, farewell: .terminate), .hup, forced: false),
        Case(WorkerEnd(status: .signaled(.kill), order: .hup, farewell: .terminate), .hup, forced: true),
        Case(WorkerEnd(status: .exited(0), order: .ttou, farewell: .terminate), .ttou, forced: false),
        Case(WorkerEnd(status: .signaled(Signal(11)), order: .ttou, wasInHook: true), .ttou, forced: true),
        Case(WorkerEnd(status: .exited(1), order: .timeout, farewell: .abort), .timeout, forced: true),
        Case(WorkerEnd(status: .exited(0), order: .timeout, farewell: .quit), .timeout, forced: true),
        Case(WorkerEnd(status: .signaled(.abort), order: .timeout), .timeout, forced: true),
        Case(WorkerEnd(status: .signaled(.kill), order: .timeout, isOutOfMemory: true), .timeout, forced: true),
        Case(WorkerEnd(status: .signaled(.kill), order: .plugin, wasInHook: true), .plugin, forced: true),
        Case(WorkerEnd(status: .exited(0), order: .stop, farewell: .terminate), .stop, forced: false),
        Case(WorkerEnd(status: .exited(0), order: .quit, farewell: .quit), .quit, forced: false),
        Case(WorkerEnd(status: .signaled(.kill), order: .quit), .quit, forced: true),
    ]

    @Test(arguments: cases) func `has one reason, and was forced or not`(one: Case) {
        #expect(one.end.reason == one.reason)
        #expect(one.end.isForced == one.isForced)
    }

    @Test func `is a restart unless the server ends`() {
        for order in ExitReason.allCases {
            let end = WorkerEnd(status: .exited(0), order: order)
            #expect(end.isRestart == (order != .stop && order != .quit), "\(order)")
        }
        // One that gets QUIT while the server goes on is replaced.
        #expect(WorkerEnd(status: .exited(0), farewell: .quit).isRestart)
        #expect(WorkerEnd(status: .signaled(.kill)).isRestart)
    }
}

@Suite struct `The reason for which a worker is told to end` {
    private func reason(_ supervision: Supervision, _ slot: Int) -> ExitReason? {
        supervision.machine.order(slot).reason
    }

    @Test func `is none as long as it is not`() {
        let supervision = Supervision.serving(2)
        #expect(reason(supervision, 0) == nil)
        #expect(reason(supervision, 7) == nil)
    }

    @Test func `is timeout when it was silent for too long`() {
        var supervision = Supervision.serving(2, timeout: 30)
        supervision.tick(after: 31, beating: [0])
        #expect(reason(supervision, 0) == nil && reason(supervision, 1) == .timeout)
    }

    @Test func `is timeout when it boots for too long`() {
        var supervision = Supervision(1, boot: 60)
        supervision.take(.start)
        supervision.tick(after: 61)
        #expect(supervision.machine.order(0) == (.timeout, true))
    }

    @Test func `is hup for the old workers of a reload, and for the new ones of one that failed`() {
        var supervision = Supervision.serving(1)
        supervision.take(.reload)
        supervision.ready([1])
        #expect(reason(supervision, 0) == .hup && reason(supervision, 1) == nil)
        var failed = Supervision.serving(2)
        failed.take(.reload)
        failed.exit(2, .exited(3))
        #expect(reason(failed, 3) == .hup && reason(failed, 0) == nil)
    }

    @Test func `is ttou when there are too many`() {
        var supervision = Supervision.serving(2)
        supervision.take(.removeWorker)
        #expect(reason(supervision, 0) == .ttou && reason(supervision, 1) == nil)
    }

    @Test func `is plugin when a plugin asked for it, or was in the way`() {
        var supervision = Supervision.serving(2)
        supervision.take(.restart(slot: 0))
        supervision.ready([2])
        supervision.take(.overran(slot: 1, hook: "hook pre_request of plugin p"))
        #expect(reason(supervision, 0) == .plugin && reason(supervision, 1) == .plugin)
    }

    @Test(arguments: [(true, ExitReason.stop), (false, .quit)])
    func `is how the server was told to end`(graceful: Bool, expected: ExitReason) {
        var supervision = Supervision.serving(2)
        supervision.take(.stop(graceful: graceful))
        #expect(reason(supervision, 0) == expected && reason(supervision, 1) == expected)
    }

    @Test func `is stop for the others when the first cannot boot`() {
        var supervision = Supervision(2)
        supervision.take(.start)
        supervision.exit(0, .exited(3))
        #expect(reason(supervision, 1) == .stop)
    }

    @Test func `is the first, whatever comes after it`() {
        var supervision = Supervision.serving(2, timeout: 30)
        supervision.tick(after: 31, beating: [0])
        supervision.take(.removeWorker)
        supervision.take(.stop(graceful: true))
        supervision.take(.stop(graceful: false))
        #expect(reason(supervision, 1) == .timeout)
        #expect(reason(supervision, 0) == .ttou)
    }
}

@Suite struct `A reload that is watched` {
    private func watch(_ generation: UInt64, _ incoming: UInt64?, isRunning: Bool = true) -> ReloadEnd? {
        var watch = ReloadWatch()
        watch.begin(2, since: 100)
        let view = ReloadWatch.View(
            generation: generation, incoming: incoming, isRunning: isRunning, failure: "it would not boot")
        return watch.look(view, now: 350)
    }

    @Test func `is not over while its generation comes up`() {
        #expect(watch(1, 2) == nil)
    }

    @Test func `is ok when its generation serves`() {
        let reason = "the workers of generation 2 serve"
        #expect(watch(2, nil) == ReloadEnd(outcome: .ok, generation: 2, reason: reason, duration: 250))
    }

    @Test func `has failed when its generation is given up, for the reason of that`() {
        #expect(
            watch(1, nil) == ReloadEnd(outcome: .failed, generation: 1, reason: "it would not boot", duration: 250))
    }

    @Test func `is superseded by another, and by a stop`() {
        #expect(watch(1, 3)?.outcome == .superseded)
        let stopped = watch(1, 2, isRunning: false)
        #expect(stopped?.outcome == .superseded && stopped?.reason == "the server is being stopped")
    }

    @Test func `is told of once`() {
        var watch = ReloadWatch()
        #expect(watch.look(ReloadWatch.View(generation: 1, incoming: nil), now: 1) == nil)
        watch.begin(2, since: 1)
        #expect(watch.look(ReloadWatch.View(generation: 2, incoming: nil), now: 2)?.outcome == .ok)
        #expect(watch.look(ReloadWatch.View(generation: 2, incoming: nil), now: 3) == nil)
    }
}
