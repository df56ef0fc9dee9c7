import Synchronization

@testable import TalonMetrics

/// What a store complained about.
final class Complaints: Sendable {
    private let texts = Mutex<[String]>([])

    var all: [String] { texts.withLock { $0 } }

    func add(_ text: String) {
        texts.withLock { $0.append(text) }
    }
}

extension MetricStore {
    /// A store whose complaints are collected.
    convenience init(
        _ directory: TemporaryDirectory, _ identifier: String = "1", _ complaints: Complaints = Complaints(),
        fileLimit: Int = StoreFile.limit
    ) {
        self.init(directory: directory.path, identifier: identifier, fileLimit: fileLimit) { complaints.add($0) }
    }
}

extension MetricDirectoryReader {
    /// One scrape of a directory.
    static func read(_ directory: TemporaryDirectory) -> Reading {
        var reader = MetricDirectoryReader(directory: directory.path)
        return reader.read()
    }
}

extension MetricDirectoryReader.Reading {
    /// The exposition without HELP and TYPE, a line each.
    var lines: [String] {
        String(decoding: TextExposition.render(families), as: UTF8.self)
            .split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }
    }
}

/// The bytes of a metric file, well formed unless told otherwise.
func metricFile(_ entries: [(key: String, value: Double)], used: Int32? = nil) -> [UInt8] {
    var body: [UInt8] = []
    for (key, value) in entries {
        body += EntryFormat.encode(key: Array(key.utf8)).dropLast(16)
        body += withUnsafeBytes(of: value) { Array($0) } + [UInt8](repeating: 0, count: 8)
    }
    let header = used ?? Int32(8 + body.count)
    return withUnsafeBytes(of: header) { Array($0) } + [0, 0, 0, 0] + body
}

/// A generator whose seed makes a failure repeatable.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
