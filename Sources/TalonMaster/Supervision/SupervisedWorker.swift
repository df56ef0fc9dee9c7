import TalonPlatform

extension SupervisorStateMachine {
    package struct Limits: Sendable {
        /// Silence after which a worker that serves is ended; 0 is never.
        package var timeout: UInt64
        /// Time to finish running requests.
        package var graceful: UInt64
        /// Time from start to ready; 0 is no limit.
        package var boot: UInt64
        /// Slots that there are.
        package var slots: Int

        package init(timeout: UInt64, graceful: UInt64, boot: UInt64, slots: Int) {
            self.timeout = timeout
            self.graceful = graceful
            self.boot = boot
            self.slots = slots
        }
    }

    /// A worker, as the supervisor knows it.
    struct Worker: Sendable {
        enum Stage: Sendable {
            case booting
            case serving
            case stopping(killAt: UInt64)
        }
        let age: UInt64
        let generation: UInt64
        /// When it was wanted; once it is there, since when.
        var startedAt: UInt64
        var pid: Int32?
        var stage = Stage.booting
        /// ABRT was sent then.
        var abortedAt: UInt64?
        /// Why it was first told to end.
        private(set) var orderedEnd: ExitReason?

        init(age: UInt64, generation: UInt64, startedAt: UInt64) {
            self.age = age
            self.generation = generation
            self.startedAt = startedAt
        }

        /// Notes why it is told to end. An end has one reason: what comes after the first changes nothing.
        mutating func order(_ reason: ExitReason) { orderedEnd = orderedEnd ?? reason }

        var isStopping: Bool {
            if case .stopping = stage { true } else { false }
        }
        var isServing: Bool {
            if case .serving = stage { true } else { false }
        }
        var isBooting: Bool {
            if case .booting = stage { true } else { false }
        }
    }
}
