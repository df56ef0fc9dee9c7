import CTalonPlatform

/// Whether the server as a whole is about to end.
package enum ServerPhase: UInt64, Sendable {
    case serving = 0
    /// It serves as before and will end soon: who shares the load is to send it to others.
    case leaving
    /// It ends in good order. The listeners let nobody in any more; workers that are told to end now serve those first
    /// who wait in their queues.
    case draining
}

extension Scoreboard {
    /// The master writes it, before it tells the workers; workers and the exporter read.
    package var phase: ServerPhase {
        get { ServerPhase(rawValue: talon_atomic_load_acquire_u64(headerWord(2))) ?? .serving }
        nonmutating set { talon_atomic_store_release_u64(headerWord(2), newValue.rawValue) }
    }
}
