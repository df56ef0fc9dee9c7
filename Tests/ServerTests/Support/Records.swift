import TalonTesting

/// A call that the plugin recorder.c wrote down.
struct Record {
    private let facts: [String: String]

    init(_ line: String) {
        var facts: [String: String] = [:]
        for word in line.split(separator: " ") {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { facts[String(parts[0])] = String(parts[1]) }
        }
        self.facts = facts
    }

    subscript(_ fact: String) -> String? { facts[fact] }

    func number(_ fact: String) -> Int? { facts[fact].flatMap { Int($0) } }

    var hook: String { facts["hook"] ?? "" }
}

extension TemporaryDirectory {
    var records: [Record] { lines("record").map(Record.init) }

    func records(of hook: String) -> [Record] { records.filter { $0.hook == hook } }
}

/// The plugins of Tests/Fixtures, compiled.
enum Fixture {
    static func recorder(_ name: String = "recorder") throws -> String {
        try Compiler.sharedObject(file: "plugins/recorder.c", flags: ["-DNAME=\"\(name)\""])
    }

    /// A plugin that misbehaves in one hook.
    static func plugin(_ name: String, in hook: String) throws -> String {
        try Compiler.sharedObject(file: "plugins/\(name).c", flags: ["-DHOOK=talon_\(hook)"])
    }

    static func plugin(_ name: String, flags: [String] = []) throws -> String {
        try Compiler.sharedObject(file: "plugins/\(name).c", flags: flags)
    }

    static func exampleHook() throws -> String {
        try Compiler.sharedObject(file: "\(Repository.root)/Plugins/Examples/hello-hook-c/hello.c")
    }
}

extension TalonServer.Options {
    /// Where the recorder writes.
    static func recording(in directory: TemporaryDirectory) -> TalonServer.Options {
        var options = TalonServer.Options()
        options.environment["RECORD"] = directory.file("record")
        options.environment["SLEEPING"] = directory.file("sleeping")
        return options
    }
}
