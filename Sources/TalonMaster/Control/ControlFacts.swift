import TalonPlatform

/// What the master has done since it started, as `status` tells.
struct ServerTally {
    var spawned = 0
    var ended = 0
    var reloads = 0
}

extension ReloadEnd {
    /// `at`: when it was over; unix time, nanoseconds.
    func json(at: UInt64) -> JSON {
        .object([
            ("outcome", .text(outcome.rawValue)), ("reason", .text(reason)), ("generation", .number(Int(generation))),
            ("seconds", .seconds(duration)), ("at", .seconds(at)),
        ])
    }
}

extension JSON {
    /// Nanoseconds as seconds, to the millisecond.
    static func seconds(_ nanoseconds: UInt64) -> JSON { .real(Double(nanoseconds / 1_000_000) / 1000) }
}
