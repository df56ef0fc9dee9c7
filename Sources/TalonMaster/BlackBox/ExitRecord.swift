import TalonPlatform

/// All that is known of the end of one worker: who it was, how and why it ended, and what it was doing.
struct ExitRecord: Sendable {
    let pid: Int32
    let slot: Int
    let age: UInt64
    let generation: UInt64
    let end: WorkerEnd
    /// The plugin code in which it ended, as messages name it.
    var hook: String?
    /// The process that told it to leave, by a signal; 0 is not known.
    var sender: Int32 = 0
    /// Those that ran.
    var requests: [LaneRequest] = []
    /// Nanoseconds from its start.
    let uptime: UInt64
    /// CLOCK_MONOTONIC, and unix time; nanoseconds.
    let endedAt: UInt64
    let unixTime: UInt64

    /// More requests than this are only counted in the log.
    private static let shownRequests = 8

    var level: LogLevel { end.isForced ? .warning : .info }

    private var exitWords: String {
        switch end.status {
        case .exited(let code): "code=\(code)"
        case .signaled(let signal): "signal=\(signal.name)"
        }
    }

    /// What is known of the cause beyond the reason; a sentence.
    var cause: String? {
        if let hook { return "it was in \(hook)" }
        if end.reason == .oom { return "the kernel killed it for want of memory (oom_kill of its control group)" }
        if sender > 0 { return "process \(sender) sent the signal" }
        guard end.order == nil, end.farewell == .none, case .signaled(let signal) = end.status else { return nil }
        // A killed process tells nothing, and the kernel does not name the killer.
        if signal == .kill { return "somebody outside sent SIGKILL, and no want of memory was counted" }
        return nil
    }

    /// For the log: one line of `key=value`, texts in quotation marks as in access logs.
    var line: String {
        var words = [
            "pid=\(pid)", "slot=\(slot)", "age=\(age)", "generation=\(generation)",
            "uptime=\(SecondsText.between(0, uptime))", "reason=\(end.reason.rawValue)", exitWords,
        ]
        if let cause { words.append("cause=\"\(LogText.quoted(cause))\"") }
        words.append("requests=\(requests.count)")
        for request in requests.prefix(ExitRecord.shownRequests) {
            let age = SecondsText.between(request.since, endedAt)
            let text = "\(request.method) \(request.path) \(request.phase.name) \(age)s"
            words.append("request=\"\(LogText.quoted(text))\"")
        }
        return "Worker exit: " + words.joined(separator: " ")
    }

    var json: JSON {
        var fields: [(name: String, value: JSON)] = [
            ("time_ms", .number(Int(truncatingIfNeeded: unixTime / 1_000_000))), ("pid", .number(Int(pid))),
            ("slot", .number(slot)), ("age", .number(Int(truncatingIfNeeded: age))),
            ("generation", .number(Int(truncatingIfNeeded: generation))),
            ("uptime_ms", .number(Int(truncatingIfNeeded: uptime / 1_000_000))),
            ("reason", .text(end.reason.rawValue)), ("forced", .truth(end.isForced)),
        ]
        switch end.status {
        case .exited(let code): fields += [("code", .number(Int(code))), ("signal", .null)]
        case .signaled(let signal): fields += [("code", .null), ("signal", .text(signal.name))]
        }
        fields += [
            ("cause", .optional(cause)), ("hook", .optional(hook)),
            ("sender", sender > 0 ? .number(Int(sender)) : .null),
            ("requests", .list(requests.map(json))),
        ]
        return .object(fields)
    }

    private func json(_ request: LaneRequest) -> JSON {
        let running = (endedAt - min(endedAt, request.since)) / 1_000_000
        return .object([
            ("method", .text(request.method)), ("path", .text(request.path)), ("phase", .text(request.phase.name)),
            ("running_ms", .number(Int(truncatingIfNeeded: running))),
        ])
    }
}
