import TalonPlatform

/// A number that only grows.
///
/// Lives in a metric file; any thread may add, without lock, allocation or system call.
package struct Counter: Sendable {
    let cell: MappedCell

    /// Adds `amount`.
    ///
    /// What would make a counter fall or spoil it for ever (negative, NaN, infinite) is ignored.
    package func add(_ amount: Double) {
        guard amount > 0, amount < .infinity else { return }
        cell.add(amount)
    }

    /// Adds one.
    package func increment() {
        cell.add(1)
    }

    /// The value now, with what a predecessor counted in the same file.
    package var value: Double { cell.load() }
}
