import Glibc
import TalonTesting
import Testing

@testable import TalonPlatform

@Suite struct `A text of a plugin or a client` {
    @Test(
        arguments: [
            ("", ""), ("plain text", "plain text"), ("ü 💡 \u{85}", "ü 💡 \u{85}"), ("a\nb", "a\\x0ab"),
            ("\r\n", "\\x0d\\x0a"), ("\u{1B}[31m", "\\x1b[31m"), ("\u{0}\u{7F}\t", "\\x00\\x7f\\x09"),
            ("a\n\u{301}", "a\\x0a\u{301}"),
        ])
    func `stays one line of the log`(text: String, line: String) {
        #expect(Array(LogText.oneLine(text).unicodeScalars) == Array(line.unicodeScalars))
    }
}

@Suite struct `The error log` {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func log(_ level: LogLevel) throws -> ErrorLog {
        ErrorLog(file: try .open(directory.file("log"), standard: .standardError), level: level)
    }

    @Test func `has lines of gunicorn's format`() throws {
        try log(.info).info("Starting talon")
        let line = try #require(directory.lines("log").first)
        let format = /\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4}\] \[(\d+)\] \[INFO\] Starting talon/
        let match = try #require(try format.wholeMatch(in: line))
        #expect(match.1 == "\(ThisProcess.pid)")
    }

    @Test(arguments: LogLevel.allCases) func `holds what is as grave as its level, and graver`(level: LogLevel) throws {
        let log = try log(level)
        log.debug("d")
        log.info("i")
        log.warning("w")
        log.error("e")
        log.critical("c")
        let names = directory.lines("log").compactMap { $0.split(separator: " ").dropLast().last }
        #expect(names == ["[DEBUG]", "[INFO]", "[WARNING]", "[ERROR]", "[CRITICAL]"].suffix(5 - Int(level.rawValue)))
    }

    @Test func `does not make the text of a line that it leaves out`() throws {
        var made = 0
        func text() -> String {
            made += 1
            return "text"
        }
        let log = try log(.error)
        log.info(text())
        log.error(text())
        #expect(made == 1)
    }

    @Test func `is appended to`() throws {
        try directory.write("before\n", to: "log")
        try log(.info).append(Array("as it is\n".utf8))
        try log(.info).append(Array("again\n".utf8))
        #expect(directory.text("log") == "before\nas it is\nagain\n")
    }

    @Test func `goes on in a new file when it is opened anew, in all its copies, under the same descriptor`() throws {
        let file = try LogFile.open(directory.file("log"), standard: .standardError)
        let log = ErrorLog(file: file, level: .info)
        let copy = log
        log.append(Array("old\n".utf8))
        #expect(rename(directory.file("log"), directory.file("log.1")) == 0)
        copy.append(Array("still old\n".utf8))
        log.reopen()
        log.append(Array("new\n".utf8))
        copy.append(Array("new too\n".utf8))
        #expect(directory.text("log.1") == "old\nstill old\n")
        #expect(directory.text("log") == "new\nnew too\n")
        #expect(fcntl(file.descriptor.rawValue, F_GETFD) == FD_CLOEXEC)
    }

    @Test func `goes on in the old file, and says so, when it cannot be opened anew`() throws {
        let folder = directory.file("folder")
        #expect(mkdir(folder, 0o755) == 0)
        let log = ErrorLog(file: try .open("\(folder)/log", standard: .standardError), level: .info)
        #expect(rename(folder, directory.file("moved")) == 0)
        log.reopen()
        let lines = directory.lines("moved/log")
        #expect(lines.count == 1 && lines.first?.contains("cannot be opened anew") == true)
    }

    @Test func `that is a standard stream stays where it is`() throws {
        try LogFile.open("-", standard: FileDescriptor(rawValue: -1)).reopen()
    }

    @Test func `is a standard stream by a dash`() throws {
        #expect(try LogFile.open("-", standard: .standardError).descriptor == .standardError)
        #expect(try LogFile.open("-", standard: .standardOutput).descriptor == .standardOutput)
    }

    @Test func `says why it cannot be opened`() throws {
        let path = directory.file("nope/log")
        let error = try #require(throws: SystemError.self) { try LogFile.open(path, standard: .standardError) }
        #expect(error.description == "open \(path): No such file or directory")
    }

    @Test(
        arguments: [
            ("debug", .debug), ("info", .info), ("warning", .warning), ("error", .error), ("critical", .critical),
            ("INFO", .info), ("Warning", .warning), ("warn", nil), ("", nil), (" info", nil), ("fatal", nil),
        ] as [(String, LogLevel?)])
    func `knows its levels by name`(name: String, level: LogLevel?) {
        #expect(LogLevel(name: name) == level)
    }

    @Test func `orders its levels`() {
        #expect(LogLevel.allCases == LogLevel.allCases.sorted())
        #expect(LogLevel.allCases.map(\.rawValue) == [0, 1, 2, 3, 4])
    }

    @Test func `and the access log show the same moment`() throws {
        let seconds = 1_700_000_000
        var time = time_t(seconds)
        var parts = tm()
        localtime_r(&time, &parts)
        let error = LogTime.errorLog(unixSeconds: seconds)
        let access = LogTime.accessLog(unixSeconds: seconds)
        #expect(error.hasPrefix("2023-11-1") && access.hasPrefix("[1") && access.contains("/Nov/2023:"))
        let pad = { (number: Int32) in number < 10 ? "0\(number)" : "\(number)" }
        let clock = "\(pad(parts.tm_hour)):\(pad(parts.tm_min)):\(pad(parts.tm_sec))"
        #expect(error.contains(" \(clock) ") && access.contains(":\(clock) "))
    }
}
