import TalonMetrics
import TalonPlatform

/// What an exporter that stands alone tells of itself. The `gunicorn_` ones are the old sidecar's, letter by letter.
struct FleetFamilies {
    private typealias Name = WorkerFamilies.Name
    private static let uptime = Name(
        name: "gunicorn_sidecar_uptime_seconds", help: "Sidecar container uptime in seconds")
    private static let size = Name(
        name: "gunicorn_sidecar_multiproc_dir_size_bytes", help: "Size of multiprocess directory in bytes")
    private static let count = Name(
        name: "gunicorn_sidecar_multiproc_files_count", help: "Number of files in multiprocess directory")
    private static let connected = Name(
        name: "gunicorn_sidecar_redis_connected", help: "Redis connection status (1=connected, 0=disconnected)")
    private static let instances = Name(
        name: "talon_fleet_instances", help: "Instances whose metrics Redis has")
    private static let unreadable = Name(
        name: "talon_fleet_instances_unreadable", help: "Instances whose metrics Redis has and that are no metrics")
    private static let duration = Name(
        name: "talon_fleet_read_seconds", help: "How long Redis took to tell the metrics of all instances")

    /// No page of an instance may have them.
    static let names = Set([uptime, size, count, connected, instances, unreadable, duration].map(\.name))

    private let startedAt = MonotonicClock.now()

    /// `folder`: what is in the folder of metric files; of Redis there is none.
    func own(folder: (bytes: UInt64, entries: Int), isConnected: Bool? = nil) -> [MetricFamily] {
        let age = Double(MonotonicClock.now() - startedAt) / 1e9
        var families: [MetricFamily] = [
            .gauge(Self.uptime, age), .gauge(Self.size, Double(folder.bytes)),
            .gauge(Self.count, Double(folder.entries)),
        ]
        if let isConnected { families.append(.gauge(Self.connected, isConnected ? 1 : 0)) }
        return families
    }

    func ofFleet(instances: Int, unreadable: Int, took nanoseconds: UInt64) -> [MetricFamily] {
        [
            .gauge(Self.instances, Double(instances)), .gauge(Self.unreadable, Double(unreadable)),
            .gauge(Self.duration, Double(nanoseconds) / 1e9),
        ]
    }
}
