import TalonPlatform

@testable import TalonMaster

/// A supervisor and the clock that it is told.
struct Supervision {
    var machine: SupervisorStateMachine
    var now: UInt64 = 1000 * nanosecondsPerSecond

    init(
        _ workers: Int = 2, timeout: UInt64 = 30, graceful: UInt64 = 10, boot: UInt64 = 60, slots: Int = 16,
        bootRetries: Int = 1000, softMemory: UInt64 = 0, hardMemory: UInt64 = 0, range: ClosedRange<Int>? = nil
    ) {
        machine = SupervisorStateMachine(
            workers: workers,
            limits: .init(
                timeout: timeout * nanosecondsPerSecond, graceful: graceful * nanosecondsPerSecond,
                boot: boot * nanosecondsPerSecond, bootRetries: bootRetries, softMemory: softMemory,
                hardMemory: hardMemory, slots: slots), range: range)
    }

    /// One whose workers all serve: in the slots from 0, with the ages from 1.
    static func serving(
        _ workers: Int = 2, timeout: UInt64 = 30, graceful: UInt64 = 10, boot: UInt64 = 60, slots: Int = 16,
        softMemory: UInt64 = 0, hardMemory: UInt64 = 0, range: ClosedRange<Int>? = nil
    ) -> Supervision {
        var supervision = Supervision(
            workers, timeout: timeout, graceful: graceful, boot: boot, slots: slots, softMemory: softMemory,
            hardMemory: hardMemory, range: range)
        supervision.take(.start)
        supervision.ready(0..<workers)
        return supervision
    }

    /// Gives it an event, and a pid to each worker that it starts, as the master does.
    @discardableResult
    mutating func take(_ event: SupervisorEvent) -> [SupervisorAction] {
        let actions = machine.handle(event, now: now)
        for case .spawn(let slot, let age, _) in actions {
            _ = machine.handle(.spawned(slot: slot, pid: Supervision.pid(age)), now: now)
        }
        return actions
    }

    @discardableResult
    mutating func ready(_ slots: some Sequence<Int>) -> [SupervisorAction] {
        slots.flatMap { take(.ready(slot: $0)) }
    }

    @discardableResult
    mutating func exit(_ slot: Int, _ status: ExitStatus = .exited(0)) -> [SupervisorAction] {
        take(.exited(slot: slot, status, inHook: nil))
    }

    /// Time passes, then comes a tick, at which the workers of `beating` have just turned their loop.
    @discardableResult
    mutating func tick(after seconds: Double, beating: some Sequence<Int> = []) -> [SupervisorAction] {
        now += UInt64(seconds * Double(nanosecondsPerSecond))
        return take(.tick(heartbeats: Dictionary(uniqueKeysWithValues: beating.map { ($0, now) })))
    }

    static func pid(_ age: UInt64) -> Int32 { 100 + Int32(age) }

    /// Slots of the workers that serve.
    var serving: Set<Int> { Set(machine.workers.filter { $0.value.isServing }.keys) }

    /// Slots of the workers that were told to end.
    var stopping: Set<Int> { Set(machine.workers.filter { $0.value.isStopping }.keys) }

    var ages: Set<UInt64> { Set(machine.workers.values.map(\.age)) }
}

/// A worker that is to be started.
struct Spawn: Equatable, CustomStringConvertible {
    let slot: Int
    let age: UInt64
    let generation: UInt64

    init(_ slot: Int, age: UInt64, generation: UInt64 = 1) {
        self.slot = slot
        self.age = age
        self.generation = generation
    }

    var description: String { "slot \(slot), age \(age), generation \(generation)" }
}

/// A signal that is to be sent.
struct Sent: Equatable, CustomStringConvertible {
    let slot: Int
    let signal: Signal

    init(_ slot: Int, _ signal: Signal) {
        self.slot = slot
        self.signal = signal
    }

    var description: String { "\(signal.name) to slot \(slot)" }
}

extension [SupervisorAction] {
    var spawns: [Spawn] {
        compactMap { action in
            guard case .spawn(let slot, let age, let generation) = action else { return nil }
            return Spawn(slot, age: age, generation: generation)
        }
    }

    var signals: [Sent] {
        compactMap { action in
            guard case .signal(let slot, let signal) = action else { return nil }
            return Sent(slot, signal)
        }
    }

    /// Log lines: "ERROR text".
    var lines: [String] {
        compactMap { action in
            guard case .log(let level, let text) = action else { return nil }
            return "\(level.name.uppercased()) \(text)"
        }
    }

    /// The status with which the server is to end.
    var finish: Int32? {
        for case .finish(let status) in self { return status }
        return nil
    }
}

/// Swift Testing has an `ExitStatus` too.
typealias ExitStatus = TalonPlatform.ExitStatus
