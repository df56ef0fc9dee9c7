import CTalonPlugin
import TalonPlatform

/// What one plugin writes to the error log: whole lines, and not without end. Any thread.
final class PluginLog {
    /// What exceeds it is dropped, and said with the next line that passes.
    static let linesPerSecond = 1000
    static let fieldLimit = 64

    private let services: HostServices
    private let clock: () -> UInt64
    private let lock = Lock()
    /// When the second that is counted began.
    private var second: UInt64 = 0
    private var lines = 0
    private var dropped = 0

    /// `clock`: CLOCK_MONOTONIC.
    init(services: HostServices, clock: @escaping () -> UInt64) {
        self.services = services
        self.clock = clock
    }

    /// The level of a severity; nil if lines of it are not written. A severity that the header does not have is an
    /// error.
    func level(_ severity: Int32) -> LogLevel? {
        let level = LogLevel(rawValue: severity) ?? .error
        return level >= services.level ? level : nil
    }

    func write(_ severity: Int32, _ message: talon_str, _ fields: UnsafeBufferPointer<talon_field>) {
        guard let level = level(severity), let before = pass(clock()) else { return }
        if before > 0 {
            services.log(.warning, "\(before) lines dropped: more than \(Self.linesPerSecond) in a second")
        }
        services.log(level, PluginLog.line(message, fields))
    }

    /// Counts a line. nil if it is one too many; else how many were dropped and not yet told.
    private func pass(_ now: UInt64) -> Int? {
        lock.withLock {
            if now >= second + nanosecondsPerSecond { (second, lines) = (now, 0) }
            guard lines < Self.linesPerSecond else {
                dropped += 1
                return nil
            }
            lines += 1
            defer { dropped = 0 }
            return dropped
        }
    }

    /// The message, then `key=value` for each field; cut where it is too long.
    private static func line(_ message: talon_str, _ fields: UnsafeBufferPointer<talon_field>) -> String {
        var line = LogText.oneLine(CText.read(message))
        for field in fields.prefix(fieldLimit) where line.utf8.count < CText.limit {
            line += " \(key(CText.read(field.key)))=\(value(CText.read(field.value)))"
        }
        guard line.utf8.count > CText.limit else { return line }
        return String(decoding: line.utf8.prefix(CText.limit), as: UTF8.self)
    }

    /// What would end a key, or begin its value, becomes `_`.
    private static func key(_ text: String) -> String {
        var key = ""
        for scalar in text.unicodeScalars { key.unicodeScalars.append(isPlain(scalar) ? scalar : "_") }
        return key.isEmpty ? "_" : key
    }

    /// In quotes if it needs them to be told from what surrounds it.
    private static func value(_ text: String) -> String {
        guard text.isEmpty || !text.unicodeScalars.allSatisfy(isPlain) else { return text }
        var quoted = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { quoted += "\\" }
            quoted.unicodeScalars.append(scalar)
        }
        return LogText.oneLine(quoted) + "\""
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value > 0x20 && scalar.value != 0x7f && scalar != "\"" && scalar != "="
    }
}
