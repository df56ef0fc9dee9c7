import TalonHooks
import TalonPlatform
import TalonSettings

/// How an experiment ended.
enum ProbeResult: Equatable {
    case answered(ProbeAnswer)
    case crashed(Signal)
    case exited(Int32)
    /// It had not ended within its time, and was killed.
    case timedOut
    /// The child could not be made.
    case notStarted(String)

    /// Why there is no answer, as the rest of a sentence; nil if there is one.
    func trouble(limit: UInt64) -> String? {
        switch self {
        case .answered: nil
        case .crashed(let signal): "crashed by \(signal.name)"
        case .exited(let code): "ended its process with status \(code)"
        case .timedOut: "did not end within \(limit / nanosecondsPerSecond) s, and was killed"
        case .notStarted(let reason): "was not tried: \(reason)"
        }
    }
}

/// The tool's side of experiments.
struct ProbeProcess {
    let plugin: ResolvedPlugin
    /// Nanoseconds for one experiment.
    let limit: UInt64

    /// Makes one experiment in a child and waits for its end.
    func result(of probe: Probe) -> ProbeResult {
        do {
            return try run(probe)
        } catch let error as SystemError {
            return .notStarted(error.description)
        } catch {
            return .notStarted("\(error)")
        }
    }

    private func run(_ probe: Probe) throws -> ProbeResult {
        let order = ProbeOrder(plugin.description, probe, limit: limit)
        let facts = try SealedFile.create(name: "talon-probe", contents: order.encoded)
        let (ours, theirs) = try SocketPair.open()
        defer { ours.close() }
        var descriptors = [facts, theirs]
        if case .sealed(let image) = plugin.image { descriptors.append(image) }
        let child = try ToolChild.spawn("plugin-probe", descriptors, handedOver: [facts, theirs])
        let deadline = MonotonicClock.now() + limit
        var bytes: [UInt8] = []
        // The answer comes at the end. A process that the plugin left behind may hold the socket open.
        var isOpen = true
        while isOpen {
            let now = MonotonicClock.now()
            let wait = now < deadline ? Int32(truncatingIfNeeded: min((deadline - now) / 1_000_000 + 1, 60000)) : 0
            let ready = PollSet.wait(for: [ours, child.descriptor], timeoutMilliseconds: wait)
            if ready.contains(ours), bytes.count < ProbeAnswer.limit {
                isOpen = ((try? ours.read(upTo: 65536, into: &bytes)) ?? 0) > 0
            } else if !ready.isEmpty {
                break
            }
            guard MonotonicClock.now() < deadline else { break }
        }
        let rest = deadline - min(deadline, MonotonicClock.now())
        guard child.descriptor.waitUntil(1, timeoutMilliseconds: Int32(truncatingIfNeeded: rest / 1_000_000)) else {
            child.killAndReap()
            return .timedOut
        }
        switch child.reap() {
        case .signaled(let signal)?: return .crashed(signal)
        case .exited(let code)?:
            var reader = ByteReader(bytes)
            guard let block = try? reader.block(), let answer = try? ProbeAnswer(decoding: block) else {
                return .exited(code)
            }
            return .answered(answer)
        case nil: return .notStarted("its end cannot be told")
        }
    }
}

/// Children of the tool: this same program, in another role.
enum ToolChild {
    /// `talon: ROLE`. The i-th descriptor becomes 3 + i; `handedOver` are closed here.
    static func spawn(
        _ role: String, _ descriptors: [FileDescriptor], handedOver: [FileDescriptor]
    ) throws -> ChildProcess {
        var environment = ThisProcess.environment().filter { $0.name != "SWIFT_BACKTRACE" }
        // A crash is what is looked for; nobody wants its backtrace, nor to wait for it.
        environment.append(("SWIFT_BACKTRACE", "enable=no"))
        return try ChildProcess.spawn(
            ProcessDescription(
                program: try Home.program(), arguments: ["talon:", role], environment: environment,
                descriptors: descriptors, handedOver: handedOver, parentDeathSignal: .kill))
    }
}
