import TalonPlatform

/// Whether the server can serve: what `/readyz` answers.
enum Readiness: Equatable {
    case ready
    /// Why not.
    case unready(String)

    /// By what the workers say of themselves.
    static func of(_ scoreboard: Scoreboard) -> Readiness {
        guard scoreboard.phase == .serving else { return .unready("stopping") }
        return of(scoreboard.slots.map(\.state))
    }

    static func of(_ states: [WorkerState]) -> Readiness {
        guard !states.contains(.ready) else { return .ready }
        let named: [(state: WorkerState, word: String)] = [
            (.booting, "booting"), (.quitting, "quitting"), (.aborting, "aborting"),
        ]
        let counts = named.compactMap { entry in
            let count = states.count { $0 == entry.state }
            return count > 0 ? "\(count) \(entry.word)" : nil
        }
        return .unready(
            "no worker accepts requests: " + (counts.isEmpty ? "none runs" : counts.joined(separator: ", ")))
    }
}
