import Glibc
import Synchronization
import TalonHooks
import TalonPlatform
import TalonSettings

/// The program of a probe's child: `talon: plugin-probe`. It runs code that nobody has tried yet.
package enum ProbeChild {
    /// Carries out the order of descriptor 3 and answers on descriptor 4. Returns the exit status.
    package static func run() -> Int32 {
        let file = FileDescriptor(rawValue: ProbeOrder.Place.order)
        guard let bytes = try? SealedFile.read(file), let order = try? ProbeOrder(decoding: bytes) else {
            FileDescriptor.standardError.writeAll(Array("talon: a probe is started by talon plugin\n".utf8))
            return 2
        }
        file.close()
        // Standard output is the tool's own: what a plugin prints goes to standard error.
        dup2(2, 1)
        ResourceLimit.confine(cpuSeconds: order.limit / nanosecondsPerSecond + 2)
        let image: PluginImage =
            order.description.library.map { .library($0) }
            ?? .sealed(FileDescriptor(rawValue: ProbeOrder.Place.image))
        let plugin = ResolvedPlugin(order.description, image)
        let answers = FileDescriptor(rawValue: ProbeOrder.Place.answers)
        var writer = ByteWriter()
        writer.put(Experiment(plugin, order.limit).answer(to: order.probe).encoded)
        answers.writeAll(writer.bytes)
        // Without destructors: a server's process ends so too.
        _exit(0)
    }
}

/// Carries out a probe in this process.
private struct Experiment {
    private let plugin: ResolvedPlugin
    private let deadline: UInt64

    init(_ plugin: ResolvedPlugin, _ limit: UInt64) {
        self.plugin = plugin
        deadline = MonotonicClock.now() + limit
    }

    func answer(to probe: Probe) -> ProbeAnswer {
        var answer = ProbeAnswer()
        let log = PluginLines()
        do {
            switch probe {
            case .load:
                let before = ProcessSnapshot.take()
                try PluginIdentity.load(plugin)
                answer.note(before)
            case .identity:
                try PluginIdentity.load(plugin)
                let before = ProcessSnapshot.take()
                if let identity = try PluginIdentity.read(plugin) {
                    answer.identity = [identity.id, identity.version, identity.language ?? ""]
                }
                answer.note(before)
            case .create:
                try PluginIdentity.load(plugin)
                let before = ProcessSnapshot.take()
                _ = try LoadedPlugin(plugin, services: services(log))
                answer.note(before)
            case .destroy:
                try LoadedPlugin(plugin, services: services(log)).destroy()
            case .calls(let point, let count):
                call(try LoadedPlugin(plugin, services: services(log)), point, Int(count), into: &answer)
            }
        } catch {
            (answer.refusal, answer.code) = (error.reason, error.code)
        }
        (answer.logged, answer.loggedCount) = log.lines.withLock { $0 }
        return answer
    }

    private func call(_ loaded: LoadedPlugin, _ point: HookPoint, _ count: Int, into answer: inout ProbeAnswer) {
        let sample = SampleCall(point, now: MonotonicClock.unixTime())
        answer.outcomes = HookOutcome.labels.map { _ in 0 }
        answer.durations.reserveCapacity(count)
        let limit = plugin.description.timeLimit(at: point)
        let before = ProcessSnapshot.take()
        for index in 0..<count {
            let start = MonotonicClock.now()
            guard let outcome = sample.call(loaded, deadline: start + limit) else { break }
            answer.durations.append(MonotonicClock.now() - start)
            answer.outcomes[outcome.labelIndex] += 1
            if answer.failure == nil { answer.failure = outcome.failure }
            if index == 0 { answer.residentBytes.first = residentBytes }
        }
        answer.residentBytes.last = residentBytes
        answer.note(before)
    }

    private var residentBytes: UInt64 { ProcessUsage.of(ThisProcess.pid)?.residentBytes ?? 0 }

    /// A host as a server would be, which agrees to every request and does nothing.
    private func services(_ log: PluginLines) -> HostServices {
        let settings = SettingsLayer.defaults
        return HostServices(
            log: { log.add($0, $1) }, setting: { settings[$0]?.description }, request: { _ in 0 })
    }
}

extension ProbeAnswer {
    fileprivate mutating func note(_ before: ProcessSnapshot) {
        changes = before.changes(to: .take()).map { ($0.part.rawValue, $0.phrase) }
    }
}

/// What a plugin logs; from any of its threads.
private final class PluginLines: Sendable {
    let lines = Mutex<(first: [String], count: UInt32)>(([], 0))

    private static let kept = 20

    func add(_ level: LogLevel, _ text: String) {
        lines.withLock { lines in
            lines.count += 1
            if lines.first.count < PluginLines.kept { lines.first.append("\(level.name): \(text)") }
        }
    }
}
