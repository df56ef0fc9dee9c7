/// Tells when a reload is over and how, from the generations that a supervisor has.
struct ReloadWatch: Sendable {
    enum Outcome: String, CaseIterable, Sendable {
        /// The new generation serves.
        case ok
        /// The old one goes on: a new worker did not boot, or a plugin that is required cannot be used.
        case failed
        /// A plugin's `on_reload` said no.
        case denied
        /// Another reload came before it was over.
        case superseded
    }

    private var underWay: (generation: UInt64, since: UInt64)?

    /// A new generation is being brought up, by a reload that was asked for at `since`; nanoseconds.
    mutating func begin(_ generation: UInt64, since: UInt64) { underWay = (generation, since) }

    /// Call it after each event. What has become of the reload that was under way, and how many nanoseconds it took;
    /// nil if there is none or it is not over.
    mutating func look(
        generation: UInt64, incoming: UInt64?, now: UInt64
    ) -> (outcome: Outcome, duration: UInt64)? {
        guard let current = underWay, incoming != current.generation else { return nil }
        underWay = nil
        let outcome: Outcome = generation == current.generation ? .ok : incoming == nil ? .failed : .superseded
        return (outcome, now - min(now, current.since))
    }
}
