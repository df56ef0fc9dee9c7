import TalonHooks
import TalonSettings

/// One experiment with a plugin, made in a child process of its own.
enum Probe: Equatable {
    /// Mapping it, and its constructors.
    case load
    /// The above, and who it says that it is.
    case identity
    /// The above, and its `create`.
    case create
    /// The above, and its `destroy`.
    case destroy
    /// Its `create`, and so many calls of a hook.
    case calls(HookPoint, UInt32)

    /// The experiment by name, as messages use it.
    var subject: String {
        switch self {
        case .load: "loading it"
        case .identity: "its identity function"
        case .create: "create()"
        case .destroy: "destroy()"
        case .calls(let point, _): point.symbol + "()"
        }
    }
}

/// What a child is told: the plugin and the probe. Its shared object, if it brings one, is descriptor `image`.
struct ProbeOrder: Equatable {
    enum Place {
        static let order: Int32 = 3
        static let answers: Int32 = 4
        static let image: Int32 = 5
    }

    var description: PluginDescription
    var probe: Probe
    /// Nanoseconds that the probe may take.
    var limit: UInt64

    var encoded: [UInt8] {
        var writer = ByteWriter()
        writer.put(description.encoded)
        writer.put(limit)
        switch probe {
        case .load: writer.put("load")
        case .identity: writer.put("identity")
        case .create: writer.put("create")
        case .destroy: writer.put("destroy")
        case .calls(let point, let count):
            writer.put("calls")
            writer.put(point.rawValue)
            writer.put(count)
        }
        return writer.bytes
    }

    init(_ description: PluginDescription, _ probe: Probe, limit: UInt64) {
        self.description = description
        self.probe = probe
        self.limit = limit
    }

    init(decoding bytes: [UInt8]) throws(ByteReader.Truncated) {
        var reader = ByteReader(bytes)
        description = try PluginDescription(decoding: try reader.block())
        limit = try reader.number64()
        switch try reader.text() {
        case "load": probe = .load
        case "identity": probe = .identity
        case "create": probe = .create
        case "destroy": probe = .destroy
        case "calls":
            guard let point = HookPoint(rawValue: try reader.number32()) else { throw ByteReader.Truncated() }
            probe = .calls(point, try reader.number32())
        default: throw ByteReader.Truncated()
        }
    }
}

/// What the child found.
struct ProbeAnswer: Equatable {
    /// Why the plugin cannot be used, as it was found out; nil if it can.
    var refusal: String?
    /// The error's code, if there is one.
    var code: PluginError.Code?
    /// Who the plugin says that it is: id, version, language.
    var identity: [String] = []
    /// What the experiment changed in the process: the part's name, and a phrase.
    var changes: [(part: String, phrase: String)] = []
    /// How often each outcome came, by the index of its label; and codes that are none.
    var outcomes: [UInt32] = []
    /// Why the first call that failed did.
    var failure: String?
    /// Of each call, nanoseconds; in order.
    var durations: [UInt64] = []
    /// Resident bytes after the first call and after the last.
    var residentBytes: (first: UInt64, last: UInt64) = (0, 0)
    /// Lines that the plugin logged: the first few, and how many there were.
    var logged: [String] = []
    var loggedCount: UInt32 = 0

    /// A longer answer is a child gone wrong.
    static let limit = 1 << 26

    static func == (left: ProbeAnswer, right: ProbeAnswer) -> Bool { left.encoded == right.encoded }

    var encoded: [UInt8] {
        var writer = ByteWriter()
        for text in [refusal, failure, code?.rawValue] { writer.put(text ?? "") }
        for list in [identity, changes.map(\.part), changes.map(\.phrase), logged] {
            writer.put(UInt32(list.count))
            for text in list { writer.put(text) }
        }
        for list in [outcomes.map(UInt64.init), durations] {
            writer.put(UInt32(list.count))
            for number in list { writer.put(number) }
        }
        writer.put(residentBytes.first)
        writer.put(residentBytes.last)
        writer.put(loggedCount)
        return writer.bytes
    }

    init() {}

    init(decoding bytes: [UInt8]) throws(ByteReader.Truncated) {
        var reader = ByteReader(bytes)
        func present(_ text: String) -> String? { text.isEmpty ? nil : text }
        func texts() throws(ByteReader.Truncated) -> [String] {
            var list: [String] = []
            for _ in 0..<(try reader.number32()) { list.append(try reader.text()) }
            return list
        }
        func numbers() throws(ByteReader.Truncated) -> [UInt64] {
            var list: [UInt64] = []
            for _ in 0..<(try reader.number32()) { list.append(try reader.number64()) }
            return list
        }
        refusal = present(try reader.text())
        failure = present(try reader.text())
        code = PluginError.Code(rawValue: try reader.text())
        identity = try texts()
        let parts = try texts()
        changes = zip(parts, try texts()).map { ($0, $1) }
        logged = try texts()
        outcomes = try numbers().map { UInt32(truncatingIfNeeded: $0) }
        // The plugin shares the child's descriptors: it may have answered itself.
        guard outcomes.count <= HookOutcome.labels.count else { throw ByteReader.Truncated() }
        durations = try numbers()
        residentBytes = (try reader.number64(), try reader.number64())
        loggedCount = try reader.number32()
    }
}
