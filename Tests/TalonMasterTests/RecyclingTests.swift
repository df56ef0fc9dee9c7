import TalonPlatform
import TalonTesting
import Testing

@testable import TalonMaster

@Suite struct `A worker that has had enough` {
    @Test func `serves on until another is ready in its place`() {
        var supervision = Supervision.serving(2)
        #expect(
            supervision.take(.retire(slot: 0, .maxRequests)) == [.spawn(slot: 2, age: 3, generation: 1)])
        #expect(supervision.serving == [0, 1] && supervision.machine.isRetiring(0))
        #expect(supervision.ready([2]) == [.signal(slot: 0, .terminate)])
        #expect(supervision.machine.order(0).reason == .maxRequests)
        #expect(supervision.exit(0).isEmpty)
        #expect(supervision.serving == [1, 2])
    }

    @Test func `serves on when the other does not boot, which is said once`() {
        var supervision = Supervision.serving(1)
        supervision.take(.retire(slot: 0, .memory))
        let line = "WARNING Worker (pid:101) serves on beyond its limit (memory): no other has booted"
        #expect(supervision.exit(1, .exited(3)).lines.last == line)
        for _ in 0..<5 {
            #expect(supervision.tick(after: 30, beating: [0]).spawns.count == 1)
            #expect(!supervision.exit(1, .exited(3)).lines.contains(line))
            #expect(supervision.serving == [0] && supervision.machine.isRunning)
        }
        supervision.tick(after: 30, beating: [0])
        #expect(supervision.ready([1]) == [.signal(slot: 0, .terminate)])
    }

    @Test(arguments: [(1, 1), (2, 1), (7, 1), (8, 2), (16, 4)])
    func `waits for others, so that at most a quarter are replaced at a time`(workers: Int, limit: Int) {
        var supervision = Supervision.serving(workers, slots: 64)
        var spawned = 0
        for slot in 0..<workers { spawned += supervision.take(.retire(slot: slot, .maxRequests)).spawns.count }
        #expect(spawned == limit)
        // One that drains still counts; the next begins when it is gone.
        #expect(supervision.ready([workers]) == [.signal(slot: 0, .terminate)])
        #expect(supervision.exit(0).spawns.count == (workers > limit ? 1 : 0))
    }

    @Test func `is replaced by a reload, and by nothing else while that is under way`() {
        var supervision = Supervision.serving(2)
        supervision.take(.reload)
        #expect(supervision.take(.retire(slot: 0, .maxRequests)).isEmpty)
        supervision.ready([2, 3])
        #expect(supervision.stopping == [0, 1])
        #expect(supervision.machine.order(0).reason == .hup)
    }

    @Test func `is replaced after a reload that failed`() {
        var supervision = Supervision.serving(2)
        supervision.take(.reload)
        supervision.take(.retire(slot: 0, .maxRequests))
        #expect(supervision.exit(2, .exited(3)).spawns == [Spawn(2, age: 5)])
    }

    @Test func `is the first to go when fewer are wanted`() {
        var supervision = Supervision.serving(3)
        supervision.take(.retire(slot: 2, .maxRequests))
        #expect(supervision.take(.removeWorker) == [.signal(slot: 2, .terminate)])
        #expect(supervision.machine.order(2).reason == .maxRequests)
    }

    @Test func `that dies before is replaced by what was started for it`() {
        var supervision = Supervision.serving(2)
        supervision.take(.retire(slot: 0, .maxRequests))
        #expect(supervision.exit(0, .signaled(.kill)).spawns.isEmpty)
        #expect(supervision.ready([2]).isEmpty)
        #expect(supervision.serving == [1, 2])
    }

    @Test func `counts for nothing in a server that stops`() {
        var supervision = Supervision.serving(1)
        supervision.take(.stop(graceful: true))
        #expect(supervision.take(.retire(slot: 0, .maxRequests)).isEmpty)
    }
}

@Suite struct `The memory of workers` {
    private static let limit: UInt64 = 100 << 20

    private func measure(
        _ supervision: inout Supervision, _ mebibytes: [Int: UInt64], room: UInt64? = nil
    ) -> [SupervisorAction] {
        supervision.take(.memory(resident: mebibytes.mapValues { $0 << 20 }, room: room.map { $0 << 20 }))
    }

    @Test func `over the soft limit has them replaced, said once`() {
        var supervision = Supervision.serving(2, softMemory: Self.limit)
        #expect(measure(&supervision, [0: 100, 1: 99]).isEmpty)
        let actions = measure(&supervision, [0: 99, 1: 101])
        #expect(
            actions.lines == [
                "WARNING Worker (pid:102) has 101 MiB resident, more than max_worker_memory (100); it is replaced"
            ])
        #expect(actions.spawns == [Spawn(2, age: 3)] && actions.signals.isEmpty)
        #expect(measure(&supervision, [0: 99, 1: 150, 2: 500]).isEmpty)
        #expect(supervision.ready([2]).signals == [Sent(1, .terminate)])
        #expect(supervision.machine.order(1).reason == .memory)
    }

    @Test func `over the hard limit has them killed, whatever they do`() {
        var supervision = Supervision.serving(2, hardMemory: Self.limit)
        supervision.take(.removeWorker)
        supervision.take(.addWorker)
        // Slot 0 stops, 1 serves, 2 boots.
        let actions = measure(&supervision, [0: 101, 1: 101, 2: 101])
        #expect(actions.signals == [Sent(0, .kill), Sent(1, .kill), Sent(2, .kill)])
        #expect(
            actions.lines.first
                == "ERROR Worker (pid:101) has 101 MiB resident, more than max_worker_memory_hard (100); it is killed")
        #expect(measure(&supervision, [0: 101, 1: 101, 2: 101]).isEmpty, "once is enough")
        #expect(supervision.machine.order(0).reason == .ttou)
        #expect(supervision.machine.order(1).reason == .memory)
        #expect(supervision.exit(1, .signaled(.kill)).spawns.count == 1)
        // One that boots with so much is a failure at boot, with its back-off.
        #expect(supervision.exit(2, .signaled(.kill)).spawns.isEmpty)
    }

    @Test func `that leaves no room for another has the old one end first, said once`() {
        var supervision = Supervision.serving(2, softMemory: Self.limit)
        let actions = measure(&supervision, [0: 101, 1: 80], room: 79)
        #expect(actions.signals == [Sent(0, .terminate)] && actions.spawns.isEmpty)
        #expect(
            actions.lines.last
                == "WARNING The memory limit of the control group leaves no room for one more worker: "
                + "a worker that is recycled ends before its replacement starts")
        #expect(supervision.exit(0).spawns == [Spawn(0, age: 3)])
        supervision.ready([0])
        let again = measure(&supervision, [0: 80, 1: 101], room: 79)
        #expect(again.signals == [Sent(1, .terminate)] && again.lines.count == 1)
    }

    @Test(arguments: [(nil, 2), (160, 2), (159, 1), (79, 0)] as [(UInt64?, Int)])
    func `decides how many find room beside the old ones`(room: UInt64?, spawns: Int) {
        var supervision = Supervision.serving(8, slots: 64)
        _ = measure(&supervision, [0: 80, 1: 90], room: room)
        var started = 0
        for slot in 0..<2 { started += supervision.take(.retire(slot: slot, .maxRequests)).spawns.count }
        #expect(started == spawns)
        #expect(supervision.stopping.count == 2 - spawns)
    }
}
