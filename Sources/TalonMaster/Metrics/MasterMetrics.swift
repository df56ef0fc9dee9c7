import TalonMetrics
import TalonPlatform

/// What the master counts. Its own thread only.
///
/// Nothing here is on a request's path, so series with a worker's label are looked up when they are needed. Those
/// whose labels are known are made at the start: a rate needs to see the 0 before the 1.
final class MasterMetrics {
    private let store: MetricStore
    private let starts: Counter
    private let exits: [ExitReason: Counter]
    private let signals: [Signal: [Counter]]
    private let reloads: [ReloadWatch.Outcome: Counter]
    private let reloadDuration: Histogram
    private let lastReload: Gauge
    private let lastReloadSuccess: Gauge
    private let wanted: Gauge
    private let generation: Gauge

    /// The signals that gunicorn-prometheus-exporter counts.
    private static let countedSignals: [Signal] = [.hangup, .ttyIn, .ttyOut, .child, .user1, .user2, .interrupt]

    /// `caught`: the signals that the master takes.
    init(store: MetricStore, caught: [Signal]) {
        typealias Families = ServerFamilies
        self.store = store
        func counter(_ family: Families.Name, _ labels: [String: String] = [:]) -> Counter {
            store.counter(name: family.name, help: family.help, labels: labels)
        }
        func gauge(_ family: Families.Name) -> Gauge {
            store.gauge(name: family.name, help: family.help, mode: .mostrecent)
        }
        starts = counter(Families.starts)
        exits = Dictionary(
            uniqueKeysWithValues: ExitReason.allCases.map { ($0, counter(Families.exits, ["reason": $0.rawValue])) })
        signals = Dictionary(
            uniqueKeysWithValues: caught.map { signal in
                var counters = [counter(Families.allSignals, ["signal": signal.shortName])]
                if Self.countedSignals.contains(signal) {
                    counters.append(counter(Families.signals, ["reason": signal.shortName]))
                }
                return (signal, counters)
            })
        reloads = Dictionary(
            uniqueKeysWithValues: ReloadWatch.Outcome.allCases.map {
                ($0, counter(Families.reloads, ["outcome": $0.rawValue]))
            })
        reloadDuration = store.histogram(
            name: Families.reloadDuration.name, help: Families.reloadDuration.help, buckets: Families.reloadBuckets)
        lastReload = gauge(Families.lastReload)
        lastReloadSuccess = gauge(Families.lastReloadSuccess)
        wanted = gauge(Families.wanted)
        generation = gauge(Families.generation)
        // What an earlier run left in the file says nothing of this one.
        lastReload.set(0)
        lastReloadSuccess.set(1)
        beginCounting()
    }

    /// Of several servers on the same files, and of those that came before and left their counts, the first tells.
    private func beginCounting() {
        let family = ServerFamilies.countingSince
        let since = store.gauge(name: family.name, help: family.help, mode: .min)
        if since.value == 0 { since.set(Double(MonotonicClock.unixTime()) / 1e9) }
    }

    func count(_ signal: Signal) {
        for counter in signals[signal] ?? [] { counter.increment() }
    }

    func workerStarted() { starts.increment() }

    func workerEnded(slot: Int, _ end: WorkerEnd) {
        exits[end.reason]?.increment()
        guard end.isRestart else { return }
        let worker = ["worker_id": WorkerFamilies.workerID(slot: slot), "reason": end.reason.rawValue]
        let typed = worker.merging(["restart_type": end.isForced ? "forced" : "graceful"]) { $1 }
        for (family, labels) in [
            (ServerFamilies.restarts, worker), (ServerFamilies.restartsByType, typed),
            (ServerFamilies.masterRestarts, typed),
        ] {
            store.counter(name: family.name, help: family.help, labels: labels).increment()
        }
    }

    /// `duration` in nanoseconds.
    func reloaded(_ outcome: ReloadWatch.Outcome, duration: UInt64) {
        reloadDuration.observe(Double(duration) / 1e9)
        lastReload.set(Double(MonotonicClock.unixTime()) / 1e9)
        lastReloadSuccess.set(outcome == .ok ? 1 : 0)
        // Last: a page that counts the reload has the rest of it too.
        reloads[outcome]?.increment()
    }

    func show(wanted count: Int, generation number: UInt64) {
        wanted.set(Double(count))
        generation.set(Double(number))
    }

    /// nil: the listener is closed, so nobody waits any more.
    func show(_ queue: AcceptQueue?, of address: ListenAddress) {
        let labels = ["listener": address.label]
        func gauge(_ family: ServerFamilies.Name) -> Gauge {
            store.gauge(name: family.name, help: family.help, labels: labels, mode: .mostrecent)
        }
        gauge(ServerFamilies.backlog).set(Double(queue?.length ?? 0))
        if let queue { gauge(ServerFamilies.backlogLimit).set(Double(queue.limit)) }
    }
}
