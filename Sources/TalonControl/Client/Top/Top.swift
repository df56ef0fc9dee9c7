import TalonMetrics
import TalonPlatform

/// `talon ctl top`: a picture each second until q, INT or TERM; one picture where there is no terminal.
struct Top {
    private let client: ControlClient

    /// Milliseconds.
    private static let pause: Int32 = 1000

    /// Control sequences; ECMA-48 and xterm's alternate screen.
    private enum Screen {
        static let enter = "\u{1b}[?1049h\u{1b}[?25l"
        static let leave = "\u{1b}[?25h\u{1b}[?1049l"
        static let home = "\u{1b}[H"
        static let clearLine = "\u{1b}[K"
        static let clearBelow = "\u{1b}[J"
    }

    init(_ client: ControlClient) {
        self.client = client
    }

    /// Returns the exit status.
    func run(isJSON: Bool) throws(ControlClient.Failure) -> Int32 {
        guard !isJSON, let terminal = Terminal() else { return try once(isJSON: isJSON) }
        guard let signals = try? SignalDescriptor.open([.interrupt, .terminate, .hangup, .quit, .windowChange]) else {
            return try once(isJSON: false)
        }
        terminal.takeKeys()
        show(Screen.enter)
        defer {
            show(Screen.leave)
            terminal.restore()
        }
        return try live(signals)
    }

    private func once(isJSON: Bool) throws(ControlClient.Failure) -> Int32 {
        var reader: MetricDirectoryReader?
        let first = try TopReading(client, &reader)
        _ = PollSet.wait(for: [], timeoutMilliseconds: Top.pause)
        let frame = TopFrame(try TopReading(client, &reader), since: first, columns: 200, rows: .max)
        show((isJSON ? frame.json.encoded : frame.lines.joined(separator: "\n")) + "\n")
        return 0
    }

    private func live(_ signals: SignalDescriptor) throws(ControlClient.Failure) -> Int32 {
        var reader: MetricDirectoryReader?
        var before = try TopReading(client, &reader)
        var current = before
        var next = MonotonicClock.now()
        while true {
            let now = MonotonicClock.now()
            if now >= next {
                (before, current) = (current, try TopReading(client, &reader))
                next = now + UInt64(Top.pause) * 1_000_000
            }
            draw(current, before)
            let wait = Int32((next - min(now, next)) / 1_000_000) + 1
            let ready = PollSet.wait(for: [.standardInput, signals.descriptor], timeoutMilliseconds: wait)
            if ready.contains(signals.descriptor), signals.read().contains(where: { $0 != .windowChange }) { return 0 }
            if ready.contains(.standardInput) {
                var keys: [UInt8] = []
                let count = (try? FileDescriptor.standardInput.read(upTo: 64, into: &keys)) ?? 0
                if count == 0 || keys.contains(UInt8(ascii: "q")) { return 0 }
            }
        }
    }

    private func draw(_ current: TopReading, _ before: TopReading) {
        let size = Terminal.size
        let frame = TopFrame(current, since: before, columns: size.columns, rows: size.rows)
        let lines = frame.lines.map { $0 + Screen.clearLine }
        show(Screen.home + lines.joined(separator: "\r\n") + Screen.clearBelow)
    }

    private func show(_ text: String) {
        FileDescriptor.standardOutput.writeAll(Array(text.utf8))
    }
}
