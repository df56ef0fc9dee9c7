import TalonPlatform

/// A number that goes up and down.
///
/// Lives in a metric file; any thread may set it, without lock, allocation or system call.
package struct Gauge: Sendable {
    let cell: MappedCell
    /// Only in the modes that show the most recent value.
    let timestamp: MappedCell?

    /// Replaces the value.
    ///
    /// In the modes `mostrecent` and `livemostrecent` it is stamped with the time of day.
    package func set(_ value: Double) {
        cell.store(value)
        timestamp?.store(WallClock.seconds())
    }

    /// Replaces the value and, in the modes `mostrecent`, stamps it with `time`: seconds since 1970, more than 0.
    package func set(_ value: Double, at time: Double) {
        cell.store(value)
        timestamp?.store(time)
    }

    /// Adds `amount`, which may be negative.
    ///
    /// Stamped as ``set(_:)``.
    package func add(_ amount: Double) {
        cell.add(amount)
        timestamp?.store(WallClock.seconds())
    }

    /// The value now.
    package var value: Double { cell.load() }
}
