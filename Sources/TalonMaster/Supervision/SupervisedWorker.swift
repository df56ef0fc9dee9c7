import TalonPlatform

extension SupervisorStateMachine {
    package struct Limits: Sendable {
        /// Silence after which a worker that serves is ended; 0 is never.
        package var timeout: UInt64
        /// Time to finish running requests.
        package var graceful: UInt64
        /// Time from start to ready; 0 is no limit.
        package var boot: UInt64
        /// How often workers that fail to boot are tried again before any has served.
        package var bootRetries: Int
        /// Bytes of memory over which a worker is replaced, and over which it is killed; 0 is never.
        package var softMemory: UInt64
        package var hardMemory: UInt64
        /// Slots that there are.
        package var slots: Int

        package init(
            timeout: UInt64, graceful: UInt64, boot: UInt64, bootRetries: Int = .max, softMemory: UInt64 = 0,
            hardMemory: UInt64 = 0, slots: Int
        ) {
            self.timeout = timeout
            self.graceful = graceful
            self.boot = boot
            self.bootRetries = bootRetries
            self.softMemory = softMemory
            self.hardMemory = hardMemory
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
        /// Why it is to be replaced, if it is.
        var retirement: ExitReason?
        /// Another is started, or was, in its place.
        var isBeingReplaced = false
        /// It ends, and nobody takes its place before it has.
        var keepsPlace = false
        /// It was said that it serves on for want of another.
        var isOverdue = false
        var isKilledForMemory = false
        /// Why it was first told to end.
        private(set) var orderedEnd: ExitReason?

        init(age: UInt64, generation: UInt64, startedAt: UInt64) {
            self.age = age
            self.generation = generation
            self.startedAt = startedAt
        }

        /// Notes why it is told to end. An end has one reason: what comes after the first changes nothing.
        mutating func order(_ reason: ExitReason) { orderedEnd = orderedEnd ?? reason }

        /// No other is to be started for it.
        var holdsPlace: Bool { keepsPlace || !(isStopping || isBeingReplaced) }

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
