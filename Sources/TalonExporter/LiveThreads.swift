import TalonMetrics
import TalonPlatform

/// What workers do now, as the scoreboard has it: connections, requests and threads. Read at each scrape.
struct LiveThreads {
    private let scoreboard: Scoreboard

    init(scoreboard: Scoreboard) {
        self.scoreboard = scoreboard
    }

    /// One sample for each worker that serves, or still finishes what runs; threads have two.
    func families() -> [MetricFamily] {
        var connections: [Sample] = []
        var inFlight: [Sample] = []
        var threads: [Sample] = []
        var oldest: [Sample] = []
        typealias Families = RequestFamilies
        let now = MonotonicClock.now()
        for (index, slot) in scoreboard.slots.enumerated() where [.ready, .quitting, .aborting].contains(slot.state) {
            let id = Label("worker_id", WorkerFamilies.workerID(slot: index))
            let lanes = slot.applicationLanes
            let running = lanes.map(\.requestSince).filter { $0 > 0 }
            connections.append(Sample(name: Families.connections.name, labels: [id], value: Double(slot.connections)))
            // With one thread what runs is all there is.
            let requests = max(slot.lent, running.count)
            inFlight.append(Sample(name: Families.inFlight.name, labels: [id], value: Double(requests)))
            for (state, count) in [("busy", running.count), ("idle", lanes.count - running.count)] {
                let labels = [id, Label("state", state)]
                threads.append(Sample(name: Families.threads.name, labels: labels, value: Double(count)))
            }
            let age = running.min().map { now > $0 ? now - $0 : 0 } ?? 0
            oldest.append(Sample(name: Families.oldest.name, labels: [id], value: Double(age) / 1e9))
        }
        return [
            .gauge(Families.connections, connections), .gauge(Families.inFlight, inFlight),
            .gauge(Families.threads, threads), .gauge(Families.oldest, oldest),
        ]
    }
}
