import TalonMetrics
import TalonPlatform

/// The page of a sidecar: a folder of metric files that it shares with a server, whose scoreboard it does not see.
struct FolderPage: MetricsSource {
    private let directory: String
    private let own = FleetFamilies()
    private var reader: MetricDirectoryReader
    private var problems: FileProblems

    init(directory: String, log: ErrorLog) {
        self.directory = directory
        reader = MetricDirectoryReader(directory: directory)
        problems = FileProblems(store: nil, log: log)
    }

    mutating func maintain(now: UInt64) {}

    mutating func families(details: Bool) -> [MetricFamily] {
        let reading = reader.read(details: details)
        problems.take(reading.problems)
        return reading.families + own.own(folder: FolderPage.content(of: directory))
    }

    /// The old sidecar's count: all that is in the folder, folders in it too; sizes are of files. To a depth at which a
    /// folder of metrics has long ended.
    private static func content(of folder: String, depth: Int = 8) -> (bytes: UInt64, entries: Int) {
        var (bytes, entries) = (UInt64(0), 0)
        for name in (try? FileAccess.names(in: folder)) ?? [] {
            entries += 1
            let path = "\(folder)/\(name)"
            guard let status = FileAccess.status(of: path, followingLinks: false) else { continue }
            if status.kind == .folder, depth > 0 {
                let inner = content(of: path, depth: depth - 1)
                bytes += inner.bytes
                entries += inner.entries
            } else if status.kind == .regular {
                bytes += UInt64(max(status.size, 0))
            }
        }
        return (bytes, entries)
    }
}
