/// Tells when a reload is over and how, from the generations that a supervisor has.
struct ReloadWatch: Sendable {
    enum Outcome: String, CaseIterable, Sendable {
        /// The new generation serves.
        case ok
        /// The old one goes on: a new worker did not boot, or a plugin that is required cannot be used.
        case failed
        /// A plugin's `on_reload` said no.
        case denied
        /// Another reload, or a stop, came before it was over.
        case superseded
    }

    /// What a supervisor says of its generations.
    struct View: Sendable {
        let generation: UInt64
        let incoming: UInt64?
        var isRunning = true
        /// Why the last reload was given up.
        var failure = ""
    }

    private var underWay: (generation: UInt64, since: UInt64)?

    /// A new generation is being brought up, by a reload that was asked for at `since`; nanoseconds.
    mutating func begin(_ generation: UInt64, since: UInt64) { underWay = (generation, since) }

    /// Call it after each event. What has become of the reload that was under way; nil if there is none or it is not
    /// over.
    mutating func look(_ view: View, now: UInt64) -> ReloadEnd? {
        guard let current = underWay else { return nil }
        let duration = now - min(now, current.since)
        func end(_ outcome: Outcome, _ reason: String) -> ReloadEnd {
            underWay = nil
            return ReloadEnd(outcome: outcome, generation: view.generation, reason: reason, duration: duration)
        }
        if view.incoming == current.generation {
            return view.isRunning ? nil : end(.superseded, "the server is being stopped")
        }
        if view.generation == current.generation {
            return end(.ok, "the workers of generation \(view.generation) serve")
        }
        return view.incoming == nil
            ? end(.failed, view.failure) : end(.superseded, "another reload came before it was over")
    }
}

/// What became of a reload, for whoever asked for it.
struct ReloadEnd: Equatable, Sendable {
    let outcome: ReloadWatch.Outcome
    /// The generation that serves now.
    let generation: UInt64
    /// For people: what was wrong, if something was.
    let reason: String
    /// From the request to the end; nanoseconds.
    let duration: UInt64
}
