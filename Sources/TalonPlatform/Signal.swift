import CTalonPlatform
import Glibc

/// A signal by its number; names as in signal(7).
package struct Signal: Hashable, Sendable {
    package let rawValue: Int32

    package init(_ rawValue: Int32) {
        self.rawValue = rawValue
    }

    package static let hangup = Signal(SIGHUP)
    package static let interrupt = Signal(SIGINT)
    package static let quit = Signal(SIGQUIT)
    package static let abort = Signal(SIGABRT)
    package static let kill = Signal(SIGKILL)
    package static let terminate = Signal(SIGTERM)
    package static let user1 = Signal(SIGUSR1)
    package static let user2 = Signal(SIGUSR2)
    package static let child = Signal(SIGCHLD)
    package static let ttyIn = Signal(SIGTTIN)
    package static let ttyOut = Signal(SIGTTOU)
    package static let windowChange = Signal(SIGWINCH)
    package static let pipe = Signal(SIGPIPE)
    /// Asks a worker for the stacks of its threads: SIGRTMAX - 7, far from those that libraries take from the lower end
    /// of the real-time signals.
    package static let stacks = Signal(57)

    /// "SIGTERM"; "SIG 34" for one without a name. By sigabbrev_np(3).
    package var name: String {
        guard let text = talon_signal_name(rawValue) else { return "SIG \(rawValue)" }
        return "SIG" + String(cString: text)
    }

    /// "term", as gunicorn's log writes it.
    package var shortName: String {
        guard let text = talon_signal_name(rawValue) else { return "\(rawValue)" }
        return String(cString: text).lowercased()
    }

    /// Sends to a process. False if there is none.
    @discardableResult
    package func send(to pid: Int32) -> Bool {
        Glibc.kill(pid, rawValue) == 0
    }

    /// Gives the signal its default action back.
    package func restoreDefault() {
        _ = signal(rawValue, SIG_DFL)
    }

    /// For the children that the master ends by other means: a terminal or a service manager may signal every process
    /// at once, and a closed pipe is an error to be seen where it is written to.
    package static func leaveTheEndToTheMaster() {
        for signal in [Signal.interrupt, .quit, .terminate, .hangup, .pipe] { signal.ignore() }
    }

    /// Lets the signal have no effect in this process. By an empty handler, which what is exec'ed does not inherit.
    package func ignore() {
        _ = signal(rawValue, { _ in })
    }
}

/// Blocked signals, read from a descriptor: signalfd(2). For processes that run no application.
package struct SignalDescriptor: Sendable {
    package let descriptor: FileDescriptor

    /// Blocks `signals` on this thread and opens the descriptor, non-blocking.
    package static func open(_ signals: [Signal]) throws(SystemError) -> SignalDescriptor {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal.rawValue) }
        guard sigprocmask(SIG_BLOCK, &set, nil) == 0 else { throw .last("sigprocmask") }
        let raw = signalfd(-1, &set, Int32(SFD_CLOEXEC | SFD_NONBLOCK))
        guard raw >= 0 else { throw .last("signalfd") }
        return SignalDescriptor(descriptor: FileDescriptor(rawValue: raw))
    }

    /// The signals that have come, each once.
    package func read() -> [Signal] {
        var signals: [Signal] = []
        var information = signalfd_siginfo()
        while Glibc.read(descriptor.rawValue, &information, MemoryLayout<signalfd_siginfo>.size)
            == MemoryLayout<signalfd_siginfo>.size
        {
            signals.append(Signal(Int32(information.ssi_signo)))
        }
        return signals
    }
}

/// Caught signals, as bytes of a pipe. For processes that run an application; talon_signals.h says why.
package struct SignalPipe: Sendable {
    package let descriptor: FileDescriptor

    package static func open(catching signals: [Signal]) throws(SystemError) -> SignalPipe {
        let raw = talon_signals_open()
        guard raw >= 0 else { throw .last("pipe2") }
        let pipe = SignalPipe(descriptor: FileDescriptor(rawValue: raw))
        try pipe.catch(signals)
        return pipe
    }

    /// Has `interrupt` called in the handler of INT and QUIT while the application runs on the main thread.
    package func interrupt(with interrupt: @escaping @convention(c) (Int32) -> Void) {
        talon_signals_interrupt_with(interrupt)
    }

    /// Says whether the application runs on the main thread now. The main thread.
    @inline(__always)
    package static func setApplicationRuns(_ runs: Bool) {
        talon_signals_running(runs ? 1 : 0)
    }

    /// Lets the caught signals reach this thread again: an application or a plugin may have blocked them.
    package static func unblock() {
        talon_signals_unblock()
    }

    /// The process that sent this signal last; 0 if none did, or it was the kernel. Any thread.
    package static func sender(of signal: Signal) -> Int32 { talon_signals_sender(signal.rawValue) }

    /// Catches more signals.
    package func `catch`(_ signals: [Signal]) throws(SystemError) {
        for signal in signals where talon_signals_catch(signal.rawValue) != 0 {
            throw .last("sigaction", signal.name)
        }
    }

    /// The signals that have come.
    package func read() -> [Signal] {
        var bytes: [UInt8] = []
        guard let count = try? descriptor.read(upTo: 64, into: &bytes), count > 0 else { return [] }
        return bytes.map { Signal(Int32($0)) }
    }
}

extension Signal {
    /// Whether there is such a process, even one of another user. With signal 0 nothing is sent.
    package func reaches(_ pid: Int32) -> Bool {
        Glibc.kill(pid, rawValue) == 0 || lastErrno == EPERM
    }
}
