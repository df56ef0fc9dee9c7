import TalonPlatform

/// Keeps what fails again and again from being tried again and again. Pure: the caller brings the clock, in
/// nanoseconds.
///
/// Closed until three failures within a minute; then open for 30 seconds; then one try, whose failure opens it for
/// twice as long, at most ten minutes, and whose success closes it.
package struct CircuitBreaker: Equatable, Sendable {
    package enum State: Equatable, Sendable {
        case closed(failures: [UInt64])
        case open(until: UInt64, time: UInt64)
        /// One try is under way.
        case halfOpen(time: UInt64)
    }

    package private(set) var state = State.closed(failures: [])

    package static let threshold = 3
    package static let window = 60 * nanosecondsPerSecond
    package static let firstTime = 30 * nanosecondsPerSecond
    package static let longestTime = 600 * nanosecondsPerSecond

    package init() {}

    /// Whether a try is allowed now. In an open breaker whose time is over, the one who is allowed is the only one.
    package mutating func allows(now: UInt64) -> Bool {
        switch state {
        case .closed: return true
        case .halfOpen: return false
        case .open(let until, let time):
            guard now >= until else { return false }
            state = .halfOpen(time: time)
            return true
        }
    }

    /// A try failed. True if that opened the breaker.
    package mutating func failed(now: UInt64) -> Bool {
        switch state {
        case .closed(let failures):
            let recent = failures.filter { now - min($0, now) < CircuitBreaker.window } + [now]
            guard recent.count >= CircuitBreaker.threshold else {
                state = .closed(failures: recent)
                return false
            }
            state = .open(until: now + CircuitBreaker.firstTime, time: CircuitBreaker.firstTime)
            return true
        case .halfOpen(let time):
            let longer = min(time * 2, CircuitBreaker.longestTime)
            state = .open(until: now + longer, time: longer)
            return true
        case .open:
            return false  // begun before it opened
        }
    }

    /// The one try succeeded.
    package mutating func succeeded() {
        if case .halfOpen = state { state = .closed(failures: []) }
    }
}
