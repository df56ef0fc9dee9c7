package import TalonPlatform
import TalonSettings

/// The master's side of one hook runner: its process, its socket, and when it may be started again.
package final class HookRunnerProcess {
    package let plugin: ResolvedPlugin
    /// "org.example.hello", once the runner has said so; the file's name before that.
    package private(set) var id: String
    package private(set) var version = ""

    private let description: (FileDescriptor) throws(SystemError) -> ProcessDescription
    private let log: ErrorLog
    private let perform: (HostRequest) -> Int32
    private var running: (process: ChildProcess, channel: FrameChannel)?
    private var greeted = false
    private var failures = 0
    /// CLOCK_MONOTONIC, nanoseconds; nil while it runs.
    package private(set) var startAgainAt: UInt64?

    /// `description` says what to start, given the child's end of the socket; `perform` does what a plugin requests.
    package init(
        _ plugin: ResolvedPlugin, log: ErrorLog,
        description: @escaping (FileDescriptor) throws(SystemError) -> ProcessDescription,
        perform: @escaping (HostRequest) -> Int32
    ) {
        self.plugin = plugin
        self.log = log
        self.description = description
        self.perform = perform
        id = plugin.description.id
    }

    /// What to wait on while it runs: its end, and what it says between calls.
    package var descriptors: [FileDescriptor] {
        running.map { [$0.process.descriptor, $0.channel.socket] } ?? []
    }

    package var pid: Int32? { running?.process.pid }

    /// Starts it for the first time and waits until the plugin is loaded there.
    package func start(limit: UInt64) throws(PluginError) {
        do {
            try spawn()
        } catch {
            throw PluginError(
                .runnerFailed, path: plugin.description.origin, reason: "its hook runner cannot be started: \(error)")
        }
        if let reason = greet(before: MonotonicClock.now() + limit) {
            stop()
            throw PluginError(.loadFailed, path: plugin.description.origin, reason: reason)
        }
    }

    /// Calls a hook there and waits for its outcome, at most until the point's limit.
    package func call(_ point: HookPoint, _ facts: HookFacts) -> HookOutcome {
        guard running != nil else { return .notRunning }
        let deadline = MonotonicClock.now() + point.timeLimit
        if !greeted, greet(before: deadline) != nil {
            end()
            return .notRunning
        }
        let call = HookFrame.call(point: point.rawValue, deadline: deadline, facts: facts)
        guard running?.channel.send(call, before: deadline) == true else { return ended(point) }
        while true {
            do {
                guard let frame = try running?.channel.receive(before: deadline) else { return .notRunning }
                if case .result(let status) = frame {
                    failures = 0
                    return HookOutcome(status: status, at: point)
                }
                serve(frame, before: deadline)
            } catch .late {
                end()
                return .timedOut
            } catch {
                return ended(point)
            }
        }
    }

    /// Starts it again when its time has come. The master's loop calls this.
    package func maintain(now: UInt64) {
        guard let time = startAgainAt, now >= time else { return }
        startAgainAt = nil
        do {
            try spawn()
            log.info("Hook runner of plugin \(id) started again (pid: \(pid ?? 0))")
        } catch {
            log.error("Hook runner of plugin \(id) cannot be started: \(error)")
            scheduleRestart()
        }
    }

    /// One of ``descriptors`` is readable, between calls: a thread of the plugin logs, or the process has ended.
    package func readable() {
        do {
            while let frame = try running?.channel.poll() {
                if case .hello(let id, let version) = frame {
                    welcome(id, version)
                } else {
                    serve(frame, before: MonotonicClock.now() + HookRunnerProcess.answerTime)
                }
            }
        } catch {
            guard let running else { return }
            let status = Self.endOf(running)
            if status == nil { running.process.killAndReap() }
            forget()
            log.error(
                "Hook runner of plugin \(id) (pid:\(running.process.pid)) \(status?.phrase ?? "closed its socket")")
            scheduleRestart()
        }
    }

    /// How a process ended that has closed its socket; nil if it has not ended within a moment.
    private static func endOf(_ running: (process: ChildProcess, channel: FrameChannel)) -> ExitStatus? {
        let hasEnded = running.process.descriptor.waitUntil(1, timeoutMilliseconds: 100)
        return hasEnded ? running.process.reap() : nil
    }

    /// Ends it: the closed socket first, so that the plugin can tidy up; KILL if that takes longer than `patience`.
    package func finish(patience: UInt64) {
        guard let running else { return }
        running.channel.socket.close()
        let milliseconds = Int32(truncatingIfNeeded: patience / 1_000_000)
        if running.process.descriptor.waitUntil(1, timeoutMilliseconds: milliseconds) {
            _ = running.process.reap()
        } else {
            running.process.killAndReap()
        }
        self.running = nil
    }

    private func welcome(_ id: String, _ version: String) {
        (self.id, self.version, greeted) = (LogText.oneLine(id), LogText.oneLine(version), true)
    }

    private func spawn() throws(SystemError) {
        let (ours, theirs) = try SocketPair.open()
        defer { theirs.close() }
        do {
            // A runner that does not read must not stop the master.
            try ours.setNonBlocking()
            let process = try ChildProcess.spawn(try description(theirs))
            running = (process, FrameChannel(socket: ours))
            greeted = false
        } catch {
            ours.close()
            throw error
        }
    }

    /// Waits for the first frame. Returns why there was none, or nil.
    private func greet(before deadline: UInt64) -> String? {
        while true {
            do {
                guard let frame = try running?.channel.receive(before: deadline) else { return "it does not run" }
                switch frame {
                case .hello(let id, let version):
                    welcome(id, version)
                    return nil
                case .refused(let reason): return LogText.oneLine(reason)
                default: serve(frame, before: deadline)
                }
            } catch .late {
                return "loading it takes too long"
            } catch {
                let status = running.flatMap(Self.endOf)
                if status != nil { forget() }
                return "loading it ended its process: it \(status?.phrase ?? "closed its socket")"
            }
        }
    }

    /// What a runner says besides results. One that does not read its answer is found out by the call's deadline.
    private func serve(_ frame: HookFrame, before deadline: UInt64) {
        switch frame {
        case .log(let level, let message):
            log.write(LogLevel(rawValue: level) ?? .error, "[\(id)] \(LogText.oneLine(message))")
        case .request(let request):
            _ = running?.channel.send(.answer(status: perform(request)), before: deadline)
        default:
            break
        }
    }

    /// How long a runner may take to read the answer to what it asks between calls.
    private static let answerTime = nanosecondsPerSecond / 4

    /// The runner closed its socket in the middle of a call.
    private func ended(_ point: HookPoint) -> HookOutcome {
        guard let running else { return .notRunning }
        let status = Self.endOf(running)
        if status == nil { running.process.killAndReap() }
        forget()
        scheduleRestart()
        switch status {
        case .exited(let code): return .exited(code)
        case .signaled(let signal): return .crashed(signal)
        case nil: return .error  // it lives, and has closed its socket or sends what is no frame
        }
    }

    private func stop() {
        running?.process.killAndReap()
        forget()
    }

    private func end() {
        stop()
        scheduleRestart()
    }

    private func forget() {
        running?.channel.socket.close()
        running = nil
    }

    private func scheduleRestart() {
        startAgainAt = MonotonicClock.now() + BackOff.delay(failures: failures)
        failures += 1
    }
}
