import TalonPlatform
import TalonTesting
import Testing

@testable import TalonMaster

@Suite struct `A number of workers that follows the load` {
    /// Feeds a load for some seconds, with all workers serving at once; the number after each second.
    private func numbers(
        _ count: inout AdaptiveCount, from start: Int, seconds: Int, _ load: WorkerLoad
    ) -> [Int] {
        var number = start
        return (0..<seconds).map { _ in
            number = count.next(number, serving: number, load)
            return number
        }
    }

    private let busy = WorkerLoad(waiting: 40, begun: 20, busy: 1, threads: 1)

    @Test func `grows by half within two seconds of waiting, up to the most`() {
        var count = AdaptiveCount(range: 1...10)
        #expect(numbers(&count, from: 1, seconds: 10, busy) == [1, 2, 2, 3, 3, 4, 4, 6, 6, 9])
        #expect(numbers(&count, from: 9, seconds: 4, busy) == [9, 10, 10, 10])
    }

    @Test func `grows by no more than wait`() {
        var count = AdaptiveCount(range: 1...100)
        let load = WorkerLoad(waiting: 2, begun: 1, busy: 20, threads: 20)
        #expect(numbers(&count, from: 20, seconds: 2, load) == [20, 22])
    }

    @Test func `is not moved by a short queue that moves fast, nor by one second of waiting`() {
        var count = AdaptiveCount(range: 1...10)
        let quick = WorkerLoad(waiting: 40, begun: 1000, busy: 1, threads: 2)
        #expect(numbers(&count, from: 1, seconds: 5, quick) == [1, 1, 1, 1, 1])
        #expect(numbers(&count, from: 1, seconds: 1, busy) == [1])
        #expect(numbers(&count, from: 1, seconds: 1, quick) == [1])
        #expect(numbers(&count, from: 1, seconds: 1, busy) == [1])
    }

    @Test func `grows by one when every thread was busy for five seconds`() {
        var count = AdaptiveCount(range: 1...10)
        let full = WorkerLoad(waiting: 0, begun: 5, busy: 2, threads: 2)
        #expect(numbers(&count, from: 2, seconds: 10, full) == [2, 2, 2, 2, 3, 3, 3, 3, 3, 4])
    }

    @Test func `waits for those that boot`() {
        var count = AdaptiveCount(range: 1...10)
        for _ in 0..<20 { #expect(count.next(2, serving: 1, busy) == 2) }
        #expect(count.next(2, serving: 2, busy) == 3)
    }

    @Test func `shrinks by one after ten calm seconds, down to the least`() {
        var count = AdaptiveCount(range: 2...10)
        let idle = WorkerLoad(waiting: 0, begun: 5, busy: 0, threads: 4)
        var number = 4
        var falls: [Int] = []
        for second in 1...60 {
            let next = count.next(number, serving: number, idle)
            if next < number { falls.append(second) }
            number = next
        }
        #expect(number == 2 && falls == [10, 20])
    }

    @Test(arguments: [(2, true), (3, false)])
    func `shrinks only if the others have time`(busy: Int, shrinks: Bool) {
        var count = AdaptiveCount(range: 1...10)
        let load = WorkerLoad(waiting: 0, begun: 5, busy: busy, threads: 4)
        let next = numbers(&count, from: 4, seconds: 10, load).last
        #expect(next == (shrinks ? 3 : 4))
    }

    @Test func `does not shrink in seconds in which anything waits`() {
        var count = AdaptiveCount(range: 1...10)
        var number = 3
        for second in 1...100 {
            let load = WorkerLoad(waiting: second % 9 == 0 ? 1 : 0, begun: 100, busy: 0, threads: 3)
            number = count.next(number, serving: number, load)
        }
        #expect(number == 3)
    }

    @Test func `takes a queue that does not move for endless`() {
        #expect(WorkerLoad(waiting: 1).queueTime == .infinity)
        #expect(WorkerLoad(waiting: 5, begun: 10).queueTime == 0.5)
        #expect(WorkerLoad().queueTime == 0)
    }
}

@Suite struct `A supervisor that follows the load` {
    private let late = WorkerLoad(waiting: 5, begun: 10, busy: 1, threads: 1)

    @Test func `starts workers, and says why`() {
        var supervision = Supervision.serving(1, range: 1...3)
        #expect(supervision.take(.load(late)).isEmpty)
        let actions = supervision.take(.load(late))
        #expect(actions.lines == ["INFO Workers: 2 instead of 1; requests wait 500 ms"])
        #expect(actions.spawns == [Spawn(1, age: 2)])
    }

    @Test func `ends the oldest when fewer are enough`() {
        var supervision = Supervision.serving(2, range: 1...3)
        var actions: [SupervisorAction] = []
        for _ in 0..<10 { actions += supervision.take(.load(WorkerLoad(threads: 2))) }
        #expect(actions.lines == ["INFO Workers: 1 instead of 2; fewer are enough"])
        #expect(actions.signals == [Sent(0, .terminate)])
    }

    @Test func `keeps TTIN and TTOU within its range, and the number over a reload`() {
        var supervision = Supervision.serving(2, range: 2...3)
        #expect(supervision.take(.removeWorker).isEmpty)
        #expect(supervision.take(.addWorker).spawns.count == 1)
        #expect(supervision.take(.addWorker) == [.log(.warning, "No more than 3 workers are possible")])
        supervision.ready([2])
        #expect(supervision.take(.reload).spawns.count == 3)
    }

    @Test func `starts none after WINCH`() {
        var supervision = Supervision.serving(1, range: 1...3)
        supervision.take(.dismiss)
        for _ in 0..<5 { #expect(supervision.take(.load(late)).isEmpty) }
    }
}
