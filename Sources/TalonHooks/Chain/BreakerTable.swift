package import TalonPlatform

/// The circuit breakers of all plugins, one for each hook point and one for loading, in memory that the master and the
/// workers share: so all see the same.
///
/// Closed until three failures within a minute; then open for 30 seconds; then half-open: one call is let through,
/// whose failure opens it for twice as long, at most ten minutes, and whose success closes it.
///
/// No lock, since its holder could be killed: each change is one compare-and-exchange, and who makes it is told so.
package struct BreakerTable: Sendable {
    package enum State: Int, Sendable {
        case closed = 0
        case open
        case halfOpen
    }

    /// Plugins that there is room for; indices are used again.
    package static let pluginLimit = 256
    package static let threshold = 3
    package static let window = 60 * nanosecondsPerSecond
    package static let firstTime = 30 * nanosecondsPerSecond
    package static let longestTime = 600 * nanosecondsPerSecond
    /// After this long without an outcome the one who was let through is taken for lost.
    package static let trialTime = 120 * nanosecondsPerSecond

    private let words: SharedWords

    package var descriptor: FileDescriptor { words.descriptor }

    package static func create() throws(SystemError) -> BreakerTable {
        BreakerTable(words: try .create(name: "talon-breakers", count: pluginLimit * columns * Cell.size))
    }

    package static func attach(_ descriptor: FileDescriptor) throws(SystemError) -> BreakerTable {
        BreakerTable(words: try .attach(descriptor))
    }

    private static let columns = HookPoint.allCases.count + 1

    /// The words of one breaker: a cache line.
    private enum Cell {
        static let size = 8
        static let state = 0
        /// The times of the latest failures, and which of them is the next to be replaced.
        static let failures = 1
        static let next = 1 + threshold
    }

    /// The state word: what it is, how often its time was doubled, and until when, in milliseconds.
    private struct Word {
        var state: State
        var doublings: UInt64 = 0
        /// CLOCK_MONOTONIC, nanoseconds; rounded up to a millisecond.
        var until: UInt64 = 0

        init(_ state: State, doublings: UInt64 = 0, until: UInt64 = 0) {
            self.state = state
            self.doublings = doublings
            self.until = until
        }

        init(bits: UInt64) {
            state = State(rawValue: Int(bits & 3)) ?? .closed
            doublings = bits >> 2 & 63
            until = (bits >> 8) * 1_000_000
        }

        var bits: UInt64 { UInt64(state.rawValue) | doublings << 2 | ((until + 999_999) / 1_000_000) << 8 }
    }

    /// `point` nil is loading.
    @inline(__always)
    private func cell(_ plugin: Int, _ point: HookPoint?) -> Int {
        (plugin * BreakerTable.columns + Int(point?.rawValue ?? 0)) * Cell.size
    }

    package func state(plugin: Int, _ point: HookPoint?) -> State {
        Word(bits: words[cell(plugin, point) + Cell.state]).state
    }

    /// Whether a call is allowed now (CLOCK_MONOTONIC, nanoseconds). Of those who ask an open breaker whose time is
    /// over, one is allowed.
    @inline(__always)
    package func allows(plugin: Int, _ point: HookPoint?, now: @autoclosure () -> UInt64) -> Bool {
        let cell = cell(plugin, point)
        let bits = words[cell + Cell.state]
        return bits == 0 ? true : allows(cell, bits, now())
    }

    private func allows(_ cell: Int, _ bits: UInt64, _ now: UInt64) -> Bool {
        let word = Word(bits: bits)
        guard word.state != .closed else { return true }
        guard now >= word.until else { return false }
        let trial = Word(.halfOpen, doublings: word.doublings, until: now + BreakerTable.trialTime)
        return words.exchange(bits, with: trial.bits, at: cell + Cell.state)
    }

    /// A call failed. True if that opened the breaker.
    package func failed(plugin: Int, _ point: HookPoint?, now: UInt64) -> Bool {
        let cell = cell(plugin, point)
        let bits = words[cell + Cell.state]
        let word = Word(bits: bits)
        switch word.state {
        case .open: return false  // begun before it opened
        case .halfOpen:
            let doublings = min(word.doublings + 1, 10)
            let time = min(BreakerTable.firstTime << doublings, BreakerTable.longestTime)
            let longer = Word(.open, doublings: doublings, until: now + time)
            return words.exchange(bits, with: longer.bits, at: cell + Cell.state)
        case .closed:
            let place = Int(words.add(1, at: cell + Cell.next) % UInt64(BreakerTable.threshold))
            words[cell + Cell.failures + place] = now
            meet(at: cell + Cell.next)
            let times = (0..<BreakerTable.threshold).map { words[cell + Cell.failures + $0] }
            guard times.allSatisfy({ $0 != 0 && now - min($0, now) < BreakerTable.window }) else { return false }
            let open = Word(.open, until: now + BreakerTable.firstTime)
            return words.exchange(bits, with: open.bits, at: cell + Cell.state)
        }
    }

    /// Of those who write and then come here at the same moment, the last sees what the others wrote.
    private func meet(at index: Int) {
        while case let seen = words[index], !words.exchange(seen, with: seen, at: index) {}
    }

    /// A call succeeded. True if that closed the breaker.
    @inline(__always)
    package func succeeded(plugin: Int, _ point: HookPoint?) -> Bool {
        let cell = cell(plugin, point)
        let bits = words[cell + Cell.state]
        return bits == 0 ? false : close(cell, bits)
    }

    private func close(_ cell: Int, _ bits: UInt64) -> Bool {
        guard Word(bits: bits).state == .halfOpen else { return false }
        forgetFailures(cell)
        return words.exchange(bits, with: 0, at: cell + Cell.state)
    }

    /// A call neither failed nor succeeded: if it was the one that was let through, the next takes its place.
    @inline(__always)
    package func undecided(plugin: Int, _ point: HookPoint?, now: UInt64) {
        let cell = cell(plugin, point)
        let bits = words[cell + Cell.state]
        let word = Word(bits: bits)
        guard word.state == .halfOpen else { return }
        let due = Word(.open, doublings: word.doublings, until: now)
        _ = words.exchange(bits, with: due.bits, at: cell + Cell.state)
    }

    private func forgetFailures(_ cell: Int) {
        for place in 0..<BreakerTable.threshold { words[cell + Cell.failures + place] = 0 }
    }

    /// Forgets all of a plugin, because its index goes to another. The master, when no process has the old one.
    package func reset(plugin: Int) {
        for column in 0..<BreakerTable.columns {
            let cell = (plugin * BreakerTable.columns + column) * Cell.size
            forgetFailures(cell)
            words[cell + Cell.state] = 0
        }
    }
}
