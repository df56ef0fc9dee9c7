import TalonPlatform
import TalonTesting
import Testing

@testable import TalonMaster

@Suite struct `A worker that is silent for too long` {
    @Test func `is told to abort, then killed`() {
        var supervision = Supervision.serving(2, timeout: 30)
        #expect(supervision.tick(after: 30, beating: [0]).isEmpty)
        let actions = supervision.tick(after: 1, beating: [0])
        #expect(
            actions == [
                .log(.critical, "WORKER TIMEOUT (pid:102)"), .markAborting(slot: 1), .signal(slot: 1, .abort),
            ])
        #expect(supervision.tick(after: 1, beating: [0]) == [.signal(slot: 1, .kill)])
        #expect(supervision.exit(1, .signaled(.abort)).spawns == [Spawn(1, age: 3)])
    }

    @Test func `has a second for its last words, however often the master looks`() {
        var supervision = Supervision.serving(1, timeout: 30)
        #expect(supervision.tick(after: 31).signals == [Sent(0, .abort)])
        for _ in 0..<9 { #expect(supervision.tick(after: 0.1).isEmpty) }
        #expect(supervision.tick(after: 0.1).signals == [Sent(0, .kill)])
    }

    @Test func `is killed again as long as it is there`() {
        var supervision = Supervision.serving(1, timeout: 30)
        supervision.tick(after: 31)
        for _ in 0..<3 { #expect(supervision.tick(after: 1) == [.signal(slot: 0, .kill)]) }
    }

    @Test func `is left alone when the timeout is 0`() {
        var supervision = Supervision.serving(1, timeout: 0)
        for _ in 0..<100 { #expect(supervision.tick(after: 3600).isEmpty) }
    }

    @Test func `is measured from its last heartbeat`() {
        var supervision = Supervision.serving(1, timeout: 30)
        for _ in 0..<100 { #expect(supervision.tick(after: 29, beating: [0]).isEmpty) }
        #expect(supervision.tick(after: 30).signals == [Sent(0, .abort)])
    }

    @Test func `is not ended by a heartbeat from the future`() {
        var supervision = Supervision.serving(1, timeout: 30)
        #expect(supervision.take(.tick(heartbeats: [0: .max])).isEmpty)
        supervision.take(.overdue(slot: 0))
        supervision.take(.tick(heartbeats: [0: .max]))
        #expect(supervision.exit(0, .signaled(.kill)).spawns.isEmpty)
    }
}

@Suite struct `A worker with a request that is over its limit` {
    @Test func `is replaced at once, and has the time of a stop to finish the others`() {
        var supervision = Supervision.serving(2, graceful: 10)
        let actions = supervision.take(.overdue(slot: 0))
        #expect(
            actions == [
                .log(.critical, "WORKER TIMEOUT (pid:101): a request is over its time limit"),
                .markAborting(slot: 0), .signal(slot: 0, .abort),
                .spawn(slot: 2, age: 3, generation: 1),
            ])
        #expect(supervision.take(.overdue(slot: 0)).isEmpty)
        for _ in 0..<9 { #expect(supervision.tick(after: 1, beating: [0, 1]).isEmpty) }
        #expect(supervision.tick(after: 1, beating: [0, 1]).signals == [Sent(0, .kill)])
        #expect(supervision.exit(0, .signaled(.kill)).spawns.isEmpty)
    }

    @Test func `is killed soon when its loop does not turn either`() {
        var supervision = Supervision.serving(1, graceful: 100)
        supervision.take(.overdue(slot: 0))
        #expect(supervision.tick(after: 0.9).isEmpty)
        #expect(supervision.tick(after: 0.1).signals == [Sent(0, .kill)])
    }

    @Test func `has three seconds from the last turn of its loop to leave`() {
        var supervision = Supervision.serving(1, graceful: 100)
        supervision.take(.overdue(slot: 0))
        supervision.now += nanosecondsPerSecond / 10
        let last = supervision.now
        for _ in 0..<29 {
            supervision.now += nanosecondsPerSecond / 10
            #expect(supervision.take(.tick(heartbeats: [0: last])).isEmpty)
        }
        supervision.now += nanosecondsPerSecond / 10
        #expect(supervision.take(.tick(heartbeats: [0: last])).signals == [Sent(0, .kill)])
    }

    @Test func `is left alone while it boots or stops already`() {
        var supervision = Supervision(1)
        supervision.take(.start)
        #expect(supervision.take(.overdue(slot: 0)).isEmpty)
        supervision.ready([0])
        supervision.take(.stop(graceful: true))
        #expect(supervision.take(.overdue(slot: 0)).isEmpty)
    }
}

@Suite struct `A worker that boots for too long` {
    @Test func `is aborted, killed, and counts as a failure at boot`() {
        var supervision = Supervision(1, timeout: 30, boot: 60)
        supervision.take(.start)
        #expect(supervision.tick(after: 60).isEmpty)
        #expect(supervision.tick(after: 1).signals == [Sent(0, .abort)])
        #expect(supervision.tick(after: 1).signals == [Sent(0, .kill)])
        let actions = supervision.exit(0, .signaled(.kill))
        #expect(actions.spawns.isEmpty && actions.finish == nil)
        #expect(supervision.tick(after: 0.1).spawns == [Spawn(0, age: 2)])
    }

    @Test func `may do so when there is no limit`() {
        var supervision = Supervision(1, timeout: 30, boot: 0)
        supervision.take(.start)
        #expect(supervision.tick(after: 100_000).isEmpty)
    }

    @Test func `ends a reload`() {
        var supervision = Supervision.serving(1)
        supervision.take(.reload)
        let late = supervision.tick(after: 61, beating: [0])
        #expect(late.signals == [Sent(1, .abort)])
        #expect(late.lines == ["CRITICAL WORKER TIMEOUT (pid:102): not ready within boot_timeout"])
        #expect(
            supervision.exit(1, .signaled(.abort)).lines.last
                == "ERROR Reload failed: worker (pid:102) was not ready within boot_timeout (60 s); "
                + "the workers of generation 1 go on")
        #expect(supervision.machine.reloadFailure == "worker (pid:102) was not ready within boot_timeout (60 s)")
        #expect(supervision.serving == [0])
    }
}
