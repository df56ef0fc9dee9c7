import TalonPlatform
import TalonTesting
import Testing

@testable import TalonMaster

@Suite struct `After any sequence of events` {
    private static let seeds: Range<UInt64> = 0..<50

    /// A machine that has lived through 10,000 random events.
    private func lived(_ seed: UInt64) -> SimulatedMachine {
        let workers = Int(seed % 5) + 1
        // Every second one is short of slots.
        var machine = SimulatedMachine(workers: workers, slots: workers * (seed % 2 == 0 ? 4 : 2), seed: seed)
        machine.start()
        // Once something has served, no failure at boot halts the server.
        machine.rest()
        for _ in 0..<10_000 where machine.violations.isEmpty { machine.step() }
        return machine
    }

    @Test(arguments: seeds)
    func `no rule was broken, and rest brings the wanted workers; a stop ends them`(seed: UInt64) {
        let machine = lived(seed)
        #expect(machine.violations.isEmpty, "seed \(seed)")
        #expect(machine.finished == nil && !machine.hasStopped)
        converges(machine)
        for graceful in [true, false] { stops(machine, graceful: graceful) }
    }

    private func converges(_ lived: SimulatedMachine) {
        var machine = lived
        // The longest back-off is half a minute.
        for _ in 0..<60 { machine.rest() }
        #expect(machine.violations.isEmpty)
        #expect(machine.supervision.serving.count == machine.target)
        #expect(machine.processCount == machine.target)
        #expect(machine.supervision.machine.incoming == nil)
        #expect(machine.supervision.machine.nextDeadline == nil)
    }

    /// Workers that obey nothing but KILL are gone some time after the deadline.
    private func stops(_ lived: SimulatedMachine, graceful: Bool) {
        var machine = lived
        machine.stop(graceful: graceful)
        for _ in 0..<200 where machine.finished == nil { machine.step() }
        if graceful { machine.stop(graceful: false) }
        for _ in 0..<20 where machine.finished == nil { machine.rest() }
        #expect(machine.violations.isEmpty)
        #expect(machine.finished == 0)
        #expect(machine.processCount == 0)
    }

    @Test(arguments: seeds) func `from the first start on, a server runs or has ended in good order`(seed: UInt64) {
        var machine = SimulatedMachine(workers: Int(seed % 4) + 1, slots: 16, seed: seed)
        machine.start()
        for _ in 0..<500 where machine.finished == nil && machine.violations.isEmpty { machine.step() }
        #expect(machine.violations.isEmpty, "seed \(seed)")
        // Status 3 and 4 at boot halt a server that has not served.
        if let status = machine.finished { #expect([3, 4].contains(status)) }
    }
}
