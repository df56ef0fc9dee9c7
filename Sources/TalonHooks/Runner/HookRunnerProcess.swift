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
    /// Its lines in the log do not say whose they are.
    package var speaksForServer = false
    /// Told each time that the runner was started again.
    package var startedAgain: () -> Void = {}

    let description: (FileDescriptor) throws(SystemError) -> ProcessDescription
    let log: ErrorLog
    var running: Running?
    var waiting: [PendingCall] = []
    var current: (call: PendingCall, sentAt: UInt64, deadline: UInt64)?
    private var hasIntroducedItself = false
    var failures = 0
    /// CLOCK_MONOTONIC, nanoseconds; nil while it runs.
    var startAgainAt: UInt64?
    /// It was told to end, and is killed then; CLOCK_MONOTONIC, nanoseconds.
    var killAt: UInt64?
    private var quota = LogQuota()
    /// Time to load this one.
    package var loadLimit = HookRunnerProcess.loadLimit

    struct Running {
        let process: ChildProcess
        var channel: FrameChannel
        let startedAt: UInt64
        var hasGreeted = false
    }

    /// Calls that may wait for their turn.
    package static let waitingLimit = 32
    /// Time to load the plugin, in nanoseconds.
    package static let loadLimit = 5 * nanosecondsPerSecond
    /// A runner that has lived so long and answered starts anew with no failures counted.
    private static let steady = 10 * nanosecondsPerSecond
    /// How long a wait for an answer begins awake, in nanoseconds.
    private static let awakeTime: UInt64 = 50_000
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

    /// Calls a hook there and waits for its outcome. Calls that were begun before come first: at most `limit`
    /// nanoseconds pass until it is its turn, and then it has all of `limit`. Returns how long the hook took too, nil
    /// if it did not run. `request` performs what the plugin asks.
    package func call(
        _ point: HookPoint, _ facts: HookFacts, limit: UInt64, request: @escaping (HostRequest) -> Int32
    ) -> (outcome: HookOutcome, nanoseconds: UInt64?) {
        guard isRunning else { return (.notRunning, nil) }
        var result: (outcome: HookOutcome, nanoseconds: UInt64?)?
        let patience = MonotonicClock.now() + limit
        let call = PendingCall(point, facts, limit: limit, request: request) { result = ($0, $1) }
        waiting.append(call)
        sendNext()
        while result == nil, running != nil {
            if step(before: current?.call === call ? .max : patience) { continue }
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
        waiting.append(PendingCall(point, facts, limit: limit, request: request, finished: finished))
        sendNext()
    }

    /// Waits until no call is under way, or `deadline` (CLOCK_MONOTONIC, nanoseconds) is over.
    package func settle(before deadline: UInt64) {
        while isBusy, step(before: deadline) {}
    }

    /// A call is under way, or waits for its turn.
    package var isBusy: Bool { isRunning && (current != nil || !waiting.isEmpty) }

    private func sendNext() {
        while current == nil, let running, running.hasGreeted, killAt == nil, !waiting.isEmpty {
            let call = waiting.removeFirst()
            let now = MonotonicClock.now()
            let deadline = now + call.limit
            current = (call, now, deadline)
            let frame = HookFrame.call(point: call.point.rawValue, deadline: deadline, facts: call.facts)
            if !running.channel.send(frame, before: deadline) { lost() }
        }
    }

    func finishCurrent(_ outcome: HookOutcome) {
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
        if wait > 0, isReady(watched, since: now, milliseconds: Int32(truncatingIfNeeded: wait)) {
            readable()
            return true
        }
        return expire(now: MonotonicClock.now())
    }

    /// Waits awake at first: most hooks answer sooner than a processor that has gone to sleep comes back.
    private func isReady(_ watched: [FileDescriptor], since began: UInt64, milliseconds: Int32) -> Bool {
        while MonotonicClock.now() - began < HookRunnerProcess.awakeTime {
            if !PollSet.wait(for: watched, timeoutMilliseconds: 0).isEmpty { return true }
        }
        return !PollSet.wait(for: watched, timeoutMilliseconds: milliseconds).isEmpty
    }

    private func takeAll() throws(FrameChannel.Failure) {
        while let frame = try running?.channel.next() { try take(frame) }
    }

    func take(_ frame: HookFrame) throws(FrameChannel.Failure) {
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
            // Not when the call is over its time: requests may have been sent ahead, more than there is time for.
            var status: Int32 = -1
            if let current, MonotonicClock.now() < current.deadline { status = current.call.request(request) }
            // One that does not read its answer is found out by the call's deadline.
            _ = running?.channel.send(.answer(status: status), before: current?.deadline ?? 0)
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
    var refusal: String?

    private func welcome(_ id: String, _ version: String, _ language: String) {
        running?.hasGreeted = true
        // What it was first called, it is called for ever: metrics and messages go by it.
        guard !hasIntroducedItself else { return }
        hasIntroducedItself = true
        func name(_ text: String) -> String { LogText.oneLine(String(text.prefix(HookRunnerProcess.nameLimit))) }
        (self.id, self.version, self.language) = (name(id), name(version), name(language))
    }

    private var mark: String { speaksForServer ? "" : "[\(id)] " }

    private func write(_ level: LogLevel, _ message: String) {
        switch quota.take(now: MonotonicClock.now()) {
        case .write: log.write(level, mark + LogText.oneLine(String(message.prefix(HookFrame.textLimit))))
        case .lastWord:
            log.warning("Plugin \(id) logs more than \(LogQuota.linesPerSecond) lines a second; the rest is left out")
        case .drop: break
        }
    }

    // MARK: Time

    /// When something is due; CLOCK_MONOTONIC, nanoseconds.
    package var nextDeadline: UInt64? { startAgainAt ?? (running == nil ? nil : killAt ?? deadline) }

    /// The end of what is under way: a call, or loading.
    private var deadline: UInt64? {
        guard let running else { return nil }
        guard running.hasGreeted else { return running.startedAt + loadLimit }
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

    /// Kills it if what is under way takes too long. False if there is time left.
    private func expire(now: UInt64) -> Bool {
        if let killAt {
            guard now >= killAt else { return false }
            stop()
            return true
        }
        guard let late = deadline, now >= late else { return false }
        // It may have answered in time while the master waited for somebody else.
        readable()
        guard let deadline, now >= deadline else { return true }
        let wasLoading = running?.hasGreeted == false
        stop()
        if wasLoading { log.error("Hook runner of plugin \(id): loading the plugin takes too long; it was killed") }
        scheduleRestart()
        finishCurrent(.timedOut)
        dropWaiting()
        return true
    }
}
