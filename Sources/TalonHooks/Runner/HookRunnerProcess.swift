package import TalonPlatform
import TalonSettings

/// The master's side of one hook runner: its process, its socket, its calls, and when it may be started again.
///
/// One call at a time is under way; those that wait are kept here. Whatever the runner does, no wait is longer than
/// the limit of a call, and what it says is taken in bounded pieces.
package final class HookRunnerProcess {
    package let plugin: ResolvedPlugin
    /// Who the plugin says it is, once it has; before that, what its description says.
    package private(set) var id: String
    package private(set) var version: String
    /// "c", "c++", "swift", "rust"; nil as long as it is not known.
    package private(set) var language: String?
    /// Told each time that the runner was started again.
    package var startedAgain: () -> Void = {}

    private let description: (FileDescriptor) throws(SystemError) -> ProcessDescription
    private let log: ErrorLog
    private var running: Running?
    private var waiting: [PendingCall] = []
    private var current: (call: PendingCall, sentAt: UInt64, deadline: UInt64)?
    private var hasIntroducedItself = false
    private var failures = 0
    /// CLOCK_MONOTONIC, nanoseconds; nil while it runs.
    private var startAgainAt: UInt64?
    /// It was told to end, and is killed then; CLOCK_MONOTONIC, nanoseconds.
    private var killAt: UInt64?
    private var quota = LogQuota()

    private struct Running {
        let process: ChildProcess
        var channel: FrameChannel
        let startedAt: UInt64
        var hasGreeted = false
    }

    /// Calls that may wait for their turn.
    package static let waitingLimit = 32
    /// Time to load the plugin.
    package static let loadLimit = 5 * nanosecondsPerSecond
    /// A runner that has lived so long and answered starts anew with no failures counted.
    private static let steady = 10 * nanosecondsPerSecond
    /// Characters of an id or a version; they become labels.
    private static let nameLimit = 200

    /// `description` says what to start, given the child's end of the socket.
    package init(
        _ plugin: ResolvedPlugin, log: ErrorLog,
        description: @escaping (FileDescriptor) throws(SystemError) -> ProcessDescription
    ) {
        self.plugin = plugin
        self.log = log
        self.description = description
        id = plugin.description.id
        version = plugin.description.version
        language = plugin.description.language
    }

    // MARK: Calls

    package var isRunning: Bool { running != nil && killAt == nil }

    /// Calls a hook there and waits for its outcome, at most `limit` nanoseconds; calls that were begun before come
    /// first. Returns how long the hook took too, nil if it did not run. `request` performs what the plugin asks.
    package func call(
        _ point: HookPoint, _ facts: HookFacts, limit: UInt64, request: @escaping (HostRequest) -> Int32
    ) -> (outcome: HookOutcome, nanoseconds: UInt64?) {
        guard isRunning else { return (.notRunning, nil) }
        var result: (outcome: HookOutcome, nanoseconds: UInt64?)?
        let deadline = MonotonicClock.now() + limit
        let call = PendingCall(point, facts, limit: limit, deadline: deadline, request: request) { result = ($0, $1) }
        waiting.append(call)
        sendNext()
        while result == nil, running != nil {
            if step(before: deadline) { continue }
            // What is under way has time left; this one has not.
            waiting.removeAll { $0 === call }
            break
        }
        return result ?? (.notRunning, nil)
    }

    /// Has a hook called without waiting for it. `finished` is told the outcome, perhaps at once.
    package func post(
        _ point: HookPoint, _ facts: HookFacts, limit: UInt64, request: @escaping (HostRequest) -> Int32,
        finished: @escaping (HookOutcome, UInt64?) -> Void
    ) {
        guard isRunning, waiting.count < HookRunnerProcess.waitingLimit else { return finished(.notRunning, nil) }
        waiting.append(PendingCall(point, facts, limit: limit, deadline: nil, request: request, finished: finished))
        sendNext()
    }

    /// Waits until no call is under way, or `deadline` (CLOCK_MONOTONIC, nanoseconds) is over.
    package func settle(before deadline: UInt64) {
        while isRunning, current != nil || !waiting.isEmpty, step(before: deadline) {}
    }

    private func sendNext() {
        while current == nil, let running, running.hasGreeted, killAt == nil, !waiting.isEmpty {
            let call = waiting.removeFirst()
            let now = MonotonicClock.now()
            let deadline = call.deadline ?? now + call.limit
            current = (call, now, deadline)
            let frame = HookFrame.call(point: call.point.rawValue, deadline: deadline, facts: call.facts)
            if !running.channel.send(frame, before: deadline) { lost() }
        }
    }

    private func finishCurrent(_ outcome: HookOutcome) {
        guard let (call, sentAt, _) = current else { return }
        current = nil
        call.finished(outcome, MonotonicClock.now() - sentAt)
    }

    // MARK: What it says

    /// What to wait on while it runs: its end, and what it says.
    package var descriptors: [FileDescriptor] {
        guard let running else { return [] }
        return killAt == nil ? [running.process.descriptor, running.channel.socket] : [running.process.descriptor]
    }

    package var pid: Int32? { running?.process.pid }

    /// One of ``descriptors`` is readable.
    package func readable() {
        guard killAt == nil else { return reapIfEnded() }
        do {
            if try running?.channel.fillIfReadable() == true { try takeAll() }
            reapIfEnded()
        } catch {
            lost()
        }
    }

    /// Waits for what comes next, and takes it. False if nothing came before `deadline`, and nothing expired.
    private func step(before deadline: UInt64) -> Bool {
        guard let running, let limit = self.deadline else { return false }
        let now = MonotonicClock.now()
        let until = min(limit, deadline)
        let wait = until > now ? (until - now) / 1_000_000 + 1 : 0
        let watched = [running.channel.socket, running.process.descriptor]
        if wait > 0, !PollSet.wait(for: watched, timeoutMilliseconds: Int32(truncatingIfNeeded: wait)).isEmpty {
            readable()
            return true
        }
        return expire(now: MonotonicClock.now())
    }

    private func takeAll() throws(FrameChannel.Failure) {
        while let frame = try running?.channel.next() { try take(frame) }
    }

    private func take(_ frame: HookFrame) throws(FrameChannel.Failure) {
        switch frame {
        case .hello(let id, let version, let language):
            welcome(id, version, language)
            sendNext()
        case .refused(let reason):
            let text = LogText.oneLine(String(reason.prefix(HookFrame.textLimit)))
            refusal = text
            throw .closed
        case .log(let level, let message):
            write(LogLevel(rawValue: level) ?? .error, message)
        case .request(let request):
            let answer = HookFrame.answer(status: current?.call.request(request) ?? -1)
            // One that does not read its answer is found out by the call's deadline.
            _ = running?.channel.send(answer, before: current?.deadline ?? 0)
        case .result(let status):
            guard let current else { return }
            if let running, MonotonicClock.now() - running.startedAt > HookRunnerProcess.steady { failures = 0 }
            finishCurrent(HookOutcome(status: status, at: current.call.point))
            sendNext()
        case .call, .answer:
            throw .malformed
        }
    }

    /// Why the runner said that the plugin cannot be used.
    private var refusal: String?

    private func welcome(_ id: String, _ version: String, _ language: String) {
        running?.hasGreeted = true
        // What it was first called, it is called for ever: metrics and messages go by it.
        guard !hasIntroducedItself else { return }
        hasIntroducedItself = true
        func name(_ text: String) -> String { LogText.oneLine(String(text.prefix(HookRunnerProcess.nameLimit))) }
        (self.id, self.version, self.language) = (name(id), name(version), name(language))
    }

    private func write(_ level: LogLevel, _ message: String) {
        switch quota.take(now: MonotonicClock.now()) {
        case .write: log.write(level, "[\(id)] \(LogText.oneLine(String(message.prefix(HookFrame.textLimit))))")
        case .lastWord:
            log.warning("Plugin \(id) logs more than \(LogQuota.linesPerSecond) lines a second; the rest is left out")
        case .drop: break
        }
    }

    // MARK: Start

    /// Why a plugin could not be loaded in its runner.
    package enum StartFailure: Error, Equatable {
        /// The process cannot be started.
        case notStarted(String)
        /// The plugin was looked at, and cannot be used.
        case refused(String)
        /// It ended the process, or took too long.
        case crashed(String)

        /// As the rest of a sentence.
        package var reason: String {
            switch self {
            case .notStarted(let reason): "its hook runner cannot be started: \(reason)"
            case .refused(let reason), .crashed(let reason): reason
            }
        }
    }

    /// Starts it for the first time and waits until the plugin is loaded there.
    package func start() throws(StartFailure) {
        do {
            try spawn()
        } catch {
            throw .notStarted("\(error)")
        }
        let deadline = MonotonicClock.now() + HookRunnerProcess.loadLimit
        while true {
            do throws(FrameChannel.Failure) {
                guard var channel = running?.channel else { throw FrameChannel.Failure.closed }
                let frame = try channel.receive(before: deadline)
                running?.channel = channel
                try take(frame)
                if running?.hasGreeted == true { return }
            } catch .late {
                stop()
                throw .crashed("loading it takes too long")
            } catch {
                let status = running.flatMap { Self.endOf($0.process) }
                if status == nil { stop() } else { forget() }
                if let refusal { throw .refused(refusal) }
                throw .crashed("loading it ended its process: it \(status?.phrase ?? "closed its socket")")
            }
        }
    }

    private func spawn() throws(SystemError) {
        let (ours, theirs) = try SocketPair.open()
        defer { theirs.close() }
        do {
            // A runner that does not read must not stop the master.
            try ours.setNonBlocking()
            let process = try ChildProcess.spawn(try description(theirs))
            running = Running(
                process: process, channel: FrameChannel(socket: ours), startedAt: MonotonicClock.now())
            refusal = nil
        } catch {
            ours.close()
            throw error
        }
    }

    // MARK: Time

    /// When something is due; CLOCK_MONOTONIC, nanoseconds.
    package var nextDeadline: UInt64? { startAgainAt ?? (running == nil ? nil : killAt ?? deadline) }

    /// The end of what is under way: a call, or loading.
    private var deadline: UInt64? {
        guard let running else { return nil }
        guard running.hasGreeted else { return running.startedAt + HookRunnerProcess.loadLimit }
        return current?.deadline
    }

    /// What is due. The master's loop calls this.
    package func maintain(now: UInt64) {
        _ = expire(now: now)
        guard let time = startAgainAt, now >= time else { return }
        startAgainAt = nil
        do {
            try spawn()
            log.info("Hook runner of plugin \(id) started again (pid: \(pid ?? 0))")
            startedAgain()
        } catch {
            log.error("Hook runner of plugin \(id) cannot be started: \(error)")
            scheduleRestart()
        }
    }

    /// Kills it if what is under way takes too long. True if it did.
    private func expire(now: UInt64) -> Bool {
        if let killAt {
            guard now >= killAt else { return false }
            stop()
            return true
        }
        guard let deadline, now >= deadline else { return false }
        let wasLoading = running?.hasGreeted == false
        stop()
        if wasLoading { log.error("Hook runner of plugin \(id): loading the plugin takes too long; it was killed") }
        scheduleRestart()
        finishCurrent(.timedOut)
        dropWaiting()
        return true
    }

    // MARK: End

    /// Tells it to end, by the closed socket, so that the plugin can tidy up; it is killed if that takes longer than
    /// `patience` nanoseconds. Does not wait: ``descriptors`` and ``nextDeadline`` tell when there is more to do.
    package func retire(patience: UInt64) {
        startAgainAt = nil
        dropWaiting()
        guard let running, killAt == nil else { return }
        running.channel.socket.close()
        killAt = MonotonicClock.now() + patience
        finishCurrent(.notRunning)
    }

    /// It was told to end, and has.
    package var isGone: Bool { running == nil && startAgainAt == nil }

    /// Waits for the end that ``retire(patience:)`` has begun.
    package func waitForEnd() {
        guard let running, let killAt else { return }
        let now = MonotonicClock.now()
        let rest = killAt > now ? Int32(truncatingIfNeeded: (killAt - now) / 1_000_000) : 0
        if running.process.descriptor.waitUntil(1, timeoutMilliseconds: rest) { reapIfEnded() }
        if self.running != nil { stop() }
    }

    private func reapIfEnded() {
        guard let running, running.process.descriptor.waitUntil(1, timeoutMilliseconds: 0) else { return }
        // A program that the plugin started may still hold the socket.
        if killAt == nil { return lost() }
        _ = running.process.reap()
        self.running = nil
    }

    /// It ended, closed its socket, or sends what is no frame.
    private func lost() {
        guard let running else { return }
        let status = Self.endOf(running.process)
        if status == nil { running.process.killAndReap() }
        forget()
        scheduleRestart()
        if current == nil {
            let reason = refusal ?? status?.phrase ?? "closed its socket or sent nonsense"
            log.error("Hook runner of plugin \(id) (pid:\(running.process.pid)) ended: \(reason)")
        }
        switch status {
        case .exited(let code): finishCurrent(.exited(code))
        case .signaled(let signal): finishCurrent(.crashed(signal))
        case nil: finishCurrent(.error)
        }
        dropWaiting()
    }

    /// How a process ended that has closed its socket; nil if it has not ended within a moment.
    private static func endOf(_ process: ChildProcess) -> ExitStatus? {
        process.descriptor.waitUntil(1, timeoutMilliseconds: 100) ? process.reap() : nil
    }

    private func stop() {
        running?.process.killAndReap()
        forget()
    }

    private func forget() {
        if killAt == nil { running?.channel.socket.close() }
        running = nil
    }

    private func dropWaiting() {
        let dropped = waiting
        waiting = []
        for call in dropped { call.finished(.notRunning, nil) }
    }

    private func scheduleRestart() {
        startAgainAt = MonotonicClock.now() + BackOff.delay(failures: failures)
        failures += 1
    }
}
