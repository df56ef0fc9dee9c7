import Glibc

/// A point in time after which a test no longer waits.
package struct Deadline: Sendable {
    private let end: ContinuousClock.Instant
    /// The whole time that was allowed.
    package let allowed: Duration

    package init(_ allowed: Duration) {
        self.allowed = allowed
        end = .now + allowed
    }

    package var isOver: Bool { ContinuousClock.now >= end }

    /// What is left, for poll(2); 0 when it is over.
    package var milliseconds: Int32 {
        let rest = ContinuousClock.now.duration(to: end)
        guard rest > .zero else { return 0 }
        return Int32(min(rest / .milliseconds(1) + 1, 1e9))
    }

    /// Lets others run before the condition is looked at again.
    package func pause() {
        _ = poll(nil, 0, min(10, milliseconds))
    }
}

/// Waits until the condition holds; throws when it does not within the time.
package func eventually(
    _ what: @autoclosure () -> String, within allowed: Duration = .seconds(20), _ condition: () throws -> Bool
) throws {
    _ = try eventually(what(), within: allowed) { try condition() ? true : nil }
}

/// Waits until there is a value; throws when there is none within the time.
package func eventually<Value>(
    _ what: @autoclosure () -> String, within allowed: Duration = .seconds(20), value: () throws -> Value?
) throws -> Value {
    let deadline = Deadline(allowed)
    while true {
        let last = deadline.isOver
        if let found = try value() { return found }
        if last { throw TestFailure("not within \(allowed): \(what())") }
        deadline.pause()
    }
}
