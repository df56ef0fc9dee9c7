import CTalonGuard
import CTalonPlugin
import Synchronization
import TalonMetrics
import TalonPlatform

/// The metrics of one plugin in this process: what `talon.metrics/1` answers. It lives as long as the process.
///
/// Any thread. Making a series takes a lock; updating one does not, once it has its place in the store. Until there is
/// a store, updates are kept.
final class PluginMetrics {
    static let seriesLimit = 1000
    /// Of the keys of all series: the metric files of a process are limited, and are not for one plugin alone.
    static let keyByteLimit = 8 << 20
    /// More refusals are not told.
    private static let toldLimit = 16

    private struct Family {
        let kind: MetricDefinition.Kind
        let help: String
        let bounds: [Double]
    }

    private struct Series: Hashable {
        let name: String
        let labels: [String: String]
    }

    private let services: HostServices
    private let clock: () -> UInt64
    private let lock = Lock()
    // All of these under the lock.
    private var families: [String: Family] = [:]
    /// The names that samples are shown under, and whose family's they are.
    private var exposed: [String: String] = [:]
    private var series: [Series: UnsafeMutablePointer<talon_host_metric>] = [:]
    private var keyBytes = 0
    private var store: MetricStore?
    private var backlogs: [UnsafeMutablePointer<talon_host_metric>: MetricBacklog] = [:]
    /// When it is worth asking for the store again.
    private var nextTry: UInt64 = 0
    private var told = 0
    private var hasToldLimit = false

    private let isWaiting = Atomic(false)

    /// `clock`: CLOCK_MONOTONIC.
    init(services: HostServices, clock: @escaping () -> UInt64) {
        self.services = services
        self.clock = clock
    }

    // MARK: Making

    /// The series, made if it is new. It is never freed.
    func metric(_ asked: MetricDefinition) throws(MetricDefinition.Refusal) -> UnsafeMutablePointer<talon_host_metric> {
        let found: Result<UnsafeMutablePointer<talon_host_metric>, MetricDefinition.Refusal> = lock.withLock {
            do throws(MetricDefinition.Refusal) {
                return .success(try find(asked))
            } catch {
                return .failure(error)
            }
        }
        return try found.get()
    }

    /// Tells why there is no such series: the plugin gets NULL, which says nothing.
    func tell(_ refusal: MetricDefinition.Refusal) {
        let isNew = lock.withLock {
            if refusal.reason == Self.tooMany {
                defer { hasToldLimit = true }
                return !hasToldLimit
            }
            told += 1
            return told <= Self.toldLimit
        }
        if isNew { services.log(.warning, "metric \(refusal.metric) \(refusal.reason); it is not counted") }
    }

    private static let tooMany =
        "is one too many: a plugin has at most \(seriesLimit) series in a process, and \(keyByteLimit >> 20) MiB of "
        + "names, helps and labels for them; use labels with fewer values"

    private func find(
        _ asked: MetricDefinition
    ) throws(MetricDefinition.Refusal) -> UnsafeMutablePointer<talon_host_metric> {
        func refuse(_ reason: String) -> MetricDefinition.Refusal { .init(metric: asked.name, reason: reason) }

        let family = families[asked.name]
        if let family, family.kind != asked.kind || family.bounds != asked.bounds {
            throw refuse("was made before as another type, or with other buckets")
        }
        let identity = Series(name: asked.name, labels: asked.labels)
        if let known = series[identity] { return known }
        if family == nil, let taken = asked.exposedNames.compactMap({ exposed[$0] }).first {
            throw refuse("would be shown under a name of the metric \(taken)")
        }
        var made = asked
        made.help = family?.help ?? asked.help
        guard series.count < Self.seriesLimit, keyBytes + made.keyBytes <= Self.keyByteLimit else {
            throw refuse(Self.tooMany)
        }
        for name in asked.exposedNames { exposed[name] = asked.name }
        families[asked.name] = Family(kind: made.kind, help: made.help, bounds: made.bounds)
        keyBytes += made.keyBytes
        let metric = UnsafeMutablePointer<talon_host_metric>.allocate(capacity: 1)
        metric.initialize(
            to: talon_host_metric(
                mark: TALON_METRIC_MARK, kind: asked.kind.rawValue, reserved: 0,
                owner: Unmanaged.passUnretained(self).toOpaque(), instrument: nil))
        series[identity] = metric
        backlogs[metric] = MetricBacklog(made)
        isWaiting.store(true, ordering: .relaxed)
        findPlaces()
        return metric
    }

    // MARK: Updating

    /// `metric` is one that ``metric(_:)`` made; in any case it has the mark.
    static func update(_ metric: UnsafeMutablePointer<talon_host_metric>, _ operation: UInt32, _ value: Double) {
        if let instrument = talon_host_metric_instrument(metric) {
            instrument.assumingMemoryBound(to: MetricInstrument.self).pointee.update(operation, value)
        } else if let owner = metric.pointee.owner {
            Unmanaged<PluginMetrics>.fromOpaque(owner).takeUnretainedValue().keep(metric, operation, value)
        }
    }

    private func keep(_ metric: UnsafeMutablePointer<talon_host_metric>, _ operation: UInt32, _ value: Double) {
        let isKept = lock.withLock {
            findPlaces()
            guard talon_host_metric_instrument(metric) == nil else { return false }
            backlogs[metric]?.update(operation, value)
            return true
        }
        if !isKept { PluginMetrics.update(metric, operation, value) }
    }

    // MARK: The store

    /// Gives series that wait for a store their places, if there is one now. After each call of the plugin; costs one
    /// atomic load when none waits.
    func settle() {
        guard isWaiting.load(ordering: .relaxed) else { return }
        lock.withLock { findPlaces() }
    }

    /// Under the lock. Asks for the store at most once a second.
    private func findPlaces() {
        guard !backlogs.isEmpty, let store = store ?? askForStore() else { return }
        for (metric, backlog) in backlogs {
            let instrument = MetricInstrument(backlog.definition, in: store)
            backlog.replay(to: instrument)
            // Never freed: any thread may be using it.
            let place = UnsafeMutablePointer<MetricInstrument>.allocate(capacity: 1)
            place.initialize(to: instrument)
            talon_host_metric_publish(metric, place)
        }
        backlogs = [:]
        isWaiting.store(false, ordering: .relaxed)
    }

    private func askForStore() -> MetricStore? {
        let now = clock()
        guard now >= nextTry else { return nil }
        store = services.metrics()
        nextTry = now + nanosecondsPerSecond
        return store
    }
}
