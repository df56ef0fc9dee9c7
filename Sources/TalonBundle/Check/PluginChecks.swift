import TalonHooks
import TalonPlatform

/// Every check of a plugin that was read and verified. Each that runs code of the plugin does so in its own child.
struct PluginChecks {
    let plugin: ResolvedPlugin
    /// Nanoseconds for one experiment.
    let limit: UInt64
    /// Whether hooks are called.
    let makesCalls: Bool

    private var process: ProbeProcess { ProbeProcess(plugin: plugin, limit: limit) }

    /// Adds what they found to `report`.
    func run(into report: inout CheckReport) {
        var changes: [Change] = []
        let steps: [(name: String, probe: Probe, praise: String)] = [
            ("load", .load, "it can be loaded"),
            ("identity", .identity, "it says who it is"),
            ("create", .create, "create() succeeds"),
            ("destroy", .destroy, "destroy() succeeds"),
        ]
        for step in steps where plugin.description.hasIdentity || step.probe == .load {
            let result = process.result(of: step.probe)
            let verdict = judge(result, step.probe, step.praise)
            report.add(step.name, verdict.status, verdict.message)
            if case .answered(let answer) = result { changes += Change.all(answer, during: step.probe) }
            // What follows needs it.
            guard verdict.status != .failed else { return }
        }
        if makesCalls {
            for point in HookPoint.allCases where plugin.description.points.contains(point) {
                call(point, &report, &changes)
            }
        } else {
            report.add("hooks", .ok, "none was called (--no-calls)")
        }
        Change.judge(changes, into: &report)
    }

    private func judge(
        _ result: ProbeResult, _ probe: Probe, _ praise: String
    ) -> (status: CheckResult.Status, message: String) {
        if let trouble = result.trouble(limit: limit) { return (.failed, "\(probe.subject) \(trouble)") }
        guard case .answered(let answer) = result else { return (.failed, "it was not tried") }
        if let refusal = answer.refusal { return (.failed, refusal) }
        guard probe == .identity, answer.identity.count == 3 else { return (.ok, praise) }
        let (id, version, language) = (answer.identity[0], answer.identity[1], answer.identity[2])
        guard !language.isEmpty else { return (.warning, "it is \(id) \(version), and does not state its language") }
        return (.ok, "it is \(id) \(version), in \(language)")
    }

    private func call(_ point: HookPoint, _ report: inout CheckReport, _ changes: inout [Change]) {
        let name = "hook \(point.name)"
        let subject = plugin.description.subject(of: point)
        let probe = Probe.calls(point, 1)
        let result = process.result(of: probe)
        if let trouble = result.trouble(limit: limit) {
            return report.add(name, .failed, "\(subject) \(trouble)")
        }
        guard case .answered(let answer) = result else { return }
        changes += Change.all(answer, during: probe)
        if let refusal = answer.refusal { return report.add(name, .failed, refusal) }
        guard let outcome = answer.outcomes.firstIndex(where: { $0 > 0 }), let duration = answer.durations.first else {
            return report.add(name, .failed, "\(subject) is not there to be called")
        }
        if let failure = answer.failure {
            // A failure may be due to the facts of a check; an outcome that the point does not have is not.
            let status: CheckResult.Status = failure.hasPrefix("misbehaved") ? .failed : .warning
            return report.add(name, status, "\(subject) \(failure)")
        }
        let limit = plugin.description.timeLimit(at: point)
        guard duration <= limit else {
            return report.add(
                name, .warning, "\(subject) took \(ReadableTime.of(duration)); its limit is \(ReadableTime.of(limit))")
        }
        report.add(name, .ok, "\(subject) returned \(HookOutcome.labels[outcome]) in \(ReadableTime.of(duration))")
    }
}

extension PluginDescription {
    /// The functions that are called at a point, as messages name them.
    func subject(of point: HookPoint) -> String {
        bindings.filter { $0.point == point }.map { "\($0.symbol)()" }.joined(separator: " or ")
    }
}

/// Something of the process that the plugin changed.
struct Change {
    let part: String
    let phrase: String
    /// When: "create()".
    let subject: String

    static func all(_ answer: ProbeAnswer, during probe: Probe) -> [Change] {
        answer.changes.map { Change(part: $0.part, phrase: $0.phrase, subject: probe.subject) }
    }

    /// One check for each part of a process. Descriptors and threads may be a plugin's own; all else is shared with
    /// the host and the application.
    static func judge(_ changes: [Change], into report: inout CheckReport) {
        for part in ProcessSnapshot.Part.allCases {
            let own = changes.filter { $0.part == part.rawValue }
            guard let first = own.first else {
                report.add(part.rawValue, .ok, "as before")
                continue
            }
            let status: CheckResult.Status = part == .descriptors || part == .threads ? .warning : .failed
            let more = own.count > 1 ? " (and \(own.count - 1) more)" : ""
            report.add(part.rawValue, status, "after \(first.subject) \(first.phrase)\(more)")
        }
    }
}

/// Times for people.
enum ReadableTime {
    /// Nanoseconds in a unit that suits.
    static func of(_ nanoseconds: UInt64) -> String {
        switch nanoseconds {
        case ..<10_000: "\(nanoseconds) ns"
        case ..<10_000_000: "\(nanoseconds / 1000) µs"
        case ..<10_000_000_000: "\(nanoseconds / 1_000_000) ms"
        default: "\(nanoseconds / 1_000_000_000) s"
        }
    }
}
