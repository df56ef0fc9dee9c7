import Glibc

/// A line of the machine's process table, by proc(5).
package struct ProcessEntry: Hashable, Sendable {
    package let pid: Int32
    package let parent: Int32
    package let session: Int32
    package let state: Character
    /// When it started, in ticks since boot: with the pid, the identity of a process.
    package let start: UInt64

    package init?(_ pid: Int32) {
        // The name, in parentheses, may hold anything; what follows its last parenthesis is fields.
        guard let text = Files.text("/proc/\(pid)/stat"), let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 19, let state = fields[0].first, let parent = Int32(fields[1]),
            let session = Int32(fields[3]), let start = UInt64(fields[19])
        else { return nil }
        self.pid = pid
        self.parent = parent
        self.session = session
        self.state = state
        self.start = start
    }

    package var isAlive: Bool { state != "Z" && state != "X" }

    /// The arguments, or the title that the process gave itself.
    package var commandLine: String {
        let text = Files.text("/proc/\(pid)/cmdline") ?? ""
        return text.split(separator: "\0").joined(separator: " ")
    }

    /// What it calls itself, in 15 bytes.
    package var name: String { (Files.text("/proc/\(pid)/comm") ?? "").filter { $0 != "\n" } }

    package var environment: [String] {
        (Files.text("/proc/\(pid)/environ") ?? "").split(separator: "\0").map(String.init)
    }

    /// The value of a field of /proc/PID/status, such as "Threads".
    package func status(_ field: String) -> String? {
        let line = Files.lines("/proc/\(pid)/status").first { $0.hasPrefix(field + ":") }
        return line?.dropFirst(field.count + 1).drop { $0 == " " || $0 == "\t" }.description
    }

    /// Whether it has a handler for a signal.
    package func catches(_ signal: Int32) -> Bool {
        guard let mask = status("SigCgt").flatMap({ UInt64($0, radix: 16) }) else { return false }
        return mask & (1 << UInt64(signal - 1)) != 0
    }

    package var threads: Int? { status("Threads").flatMap { Int($0) } }

    /// Its open descriptors and what each is open on.
    package var descriptors: [Int: String] {
        var open: [Int: String] = [:]
        for name in Files.names(in: "/proc/\(pid)/fd") {
            guard let number = Int(name), let target = Files.link("/proc/\(pid)/fd/\(name)") else { continue }
            open[number] = target
        }
        return open
    }

    /// Sends a signal, unless the pid is another process by now.
    package func signal(_ number: Int32) {
        if ProcessEntry(pid)?.start == start { kill(pid, number) }
    }
}

/// The machine's process table.
package enum ProcessTable {
    package static func all() -> [ProcessEntry] {
        Files.names(in: "/proc").compactMap { Int32($0).flatMap { ProcessEntry($0) } }
    }

    package static func children(of pid: Int32) -> [ProcessEntry] {
        all().filter { $0.parent == pid && $0.isAlive }.sorted { ($0.start, $0.pid) < ($1.start, $1.pid) }
    }
}
