import TalonHooks
import TalonPlatform

extension Command {
    static let run = Command(
        "run", operand: "FILE", "Calls a hook of a plugin many times, in a child process, and measures it.",
        details: [
            "The calls have facts as they might be. Printed are how often each outcome came, the time of a call, and what "
                + "the calls left behind: memory, descriptors, threads, the signal mask and so on."
        ],
        options: [
            Option(
                "--hook", value: "POINT", choices: HookPoint.allCases.map(\.name), help: "The hook, such as when_ready."
            ),
            Option("--repeat", value: "N", help: "How many calls are made, one after another. [1000]"),
            Option("--timeout", value: "SECONDS", help: "How long all calls may take together. [60]"),
            .config, .policy, .trust,
        ],
        required: ["--hook"], failure: "the plugin is refused, or a call failed"
    ) { invocation throws(ToolFailure) in
        let count = try invocation.number("--repeat", in: 1...1_000_000, default: 1000)
        let seconds = try invocation.number("--timeout", in: 1...86400, default: 60)
        guard let point = HookPoint.allCases.first(where: { $0.name == invocation.text("--hook") }) else {
            throw .usage("option --hook is missing")
        }
        let limit = UInt64(seconds) * nanosecondsPerSecond
        let inspected = try Inspecting.of(
            invocation.operand, policy: invocation.policy, trustFolders: invocation.trustFolders, limit: limit,
            config: try invocation.config())
        let plugin = try inspected.accepted()
        guard plugin.description.points.contains(point) else {
            let hooks = plugin.description.bindings.map(\.point.name).joined(separator: ", ")
            throw ToolFailure(
                "\(invocation.operand) has no hook \(point.name); it has \(hooks.isEmpty ? "none" : hooks)")
        }
        let process = ProbeProcess(plugin: plugin, limit: limit)
        let result = process.result(of: .calls(point, UInt32(count)))
        if let trouble = result.trouble(limit: limit) {
            throw ToolFailure("\(plugin.description.subject(of: point)) \(trouble)")
        }
        guard case .answered(let answer) = result else { throw ToolFailure("it was not tried") }
        if let refusal = answer.refusal { throw ToolFailure("\(invocation.operand): \(refusal)") }
        return Measurement(
            answer, file: invocation.operand, point: point, subject: plugin.description.subject(of: point)
        ).report
    }
}

/// What many calls of a hook showed.
private struct Measurement {
    let answer: ProbeAnswer
    let file: String
    let point: HookPoint
    /// The functions that were called.
    let subject: String
    private let times: [UInt64]

    init(_ answer: ProbeAnswer, file: String, point: HookPoint, subject: String) {
        self.answer = answer
        self.subject = subject
        self.file = file
        self.point = point
        times = answer.durations.sorted()
    }

    private var outcomes: [(label: String, count: Int)] {
        zip(HookOutcome.labels, answer.outcomes).filter { $0.1 > 0 }.map { ($0.0, Int($0.1)) }
    }

    /// Nanoseconds; of 100 calls so many take no longer.
    private func time(percent: Int) -> Int {
        guard !times.isEmpty else { return 0 }
        return Int(clamping: times[min(times.count - 1, times.count * percent / 100)])
    }

    /// Of the calls after the first, which may set something up.
    private var growth: Int { Int(clamping: answer.residentBytes.last) - Int(clamping: answer.residentBytes.first) }

    var report: Report {
        let outcomeText = outcomes.map { "\($0.count) \($0.label)" }.joined(separator: ", ")
        var lines = [
            "\(file): \(subject) was called \(times.count) times",
            "outcomes  \(outcomeText)",
            "time      \(time(percent: 0)) ns min, \(time(percent: 50)) ns median, \(time(percent: 99)) ns p99, "
                + "\(time(percent: 100)) ns max",
            "memory    \(growth / 1024) KiB more after the last call than after the first",
        ]
        if let failure = answer.failure { lines.append("failure   \(subject) \(failure)") }
        lines += answer.changes.map { "left      \($0.phrase)" }
        lines += answer.logged.map { "logged    \($0)" }
        let rest = Int(answer.loggedCount) - answer.logged.count
        if rest > 0 { lines.append("logged    \(rest) lines more") }
        let changes = answer.changes.map { change in
            JSON.object([("what", .text(change.part)), ("message", .text(change.phrase))])
        }
        return Report(
            lines,
            [
                ("file", .text(file)), ("hook", .text(point.name)), ("calls", .number(times.count)),
                ("outcomes", .object(outcomes.map { ($0.label, .number($0.count)) })),
                ("failure", .optional(answer.failure.map { "\(subject) \($0)" })),
                (
                    "nanoseconds",
                    .object([
                        ("min", .number(time(percent: 0))), ("median", .number(time(percent: 50))),
                        ("p99", .number(time(percent: 99))), ("max", .number(time(percent: 100))),
                    ])
                ),
                ("memory_growth_bytes", .number(growth)), ("left", .list(changes)),
                ("logged", JSON.texts(answer.logged)), ("logged_count", .number(Int(answer.loggedCount))),
            ], isGood: answer.failure == nil)
    }
}
