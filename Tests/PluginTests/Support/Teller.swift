import TalonTesting

/// The plugin teller.c, and what it wrote.
enum Teller {
    static func plugin(_ name: String = "teller", version: String = "1.0.0") throws -> String {
        try Compiler.sharedObject(
            file: "plugins/teller.c", flags: ["-DNAME=\"\(name)\"", "-DVERSION=\"\(version)\""])
    }

    /// An entry of `--plugin`.
    static func entry(_ name: String = "teller", returning codes: [String: Int] = [:], _ more: String = "") throws
        -> String
    {
        let config = codes.map { "return_\($0.key): \($0.value)" }.joined(separator: ", ")
        return "{path: \(try plugin(name)), config: {\(config)}\(more)}"
    }
}

/// One call, as the teller wrote it down.
struct Told {
    private let facts: [String: String]

    init(_ line: String) {
        var facts: [String: String] = [:]
        for word in line.split(separator: " ") {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { facts[String(parts[0])] = String(parts[1]) }
        }
        self.facts = facts
    }

    subscript(_ fact: String) -> String { facts[fact] ?? "" }
    var hook: String { self["hook"] }
    var plugin: String { self["plugin"] }
    var process: Int32 { Int32(self["self"]) ?? 0 }
}

extension TemporaryDirectory {
    var told: [Told] { lines("record").map(Told.init) }

    func told(_ hook: String) -> [Told] { told.filter { $0.hook == hook } }
}

extension TalonServer.Options {
    static func telling(in directory: TemporaryDirectory) -> TalonServer.Options {
        var options = TalonServer.Options()
        options.environment["RECORD"] = directory.file("record")
        return options
    }
}
