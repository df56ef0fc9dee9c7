package import TalonHTTP
import TalonPlatform

/// What each thread does, for the scoreboard.
extension WorkerRuntime: ExchangeObserver {
    func note(_ exchange: Exchange) {
        guard let connection = exchange.connection else { return }
        let lane = lanes[exchange.thread]
        let head = connection.head
        connection.input.withBytes {
            lane.begin(
                method: $0.extracting(head.method.range), path: $0.extracting(head.path.range),
                versionMinor: head.versionMinor, at: exchange.startedAt)
        }
    }

    package func willBlock(_ exchange: Exchange, isReading: Bool) {
        lanes[exchange.thread].phase = isReading ? .reading : .sending
        if exchange.isInApplication { application?.willBlock() }
    }

    package func didBlock(_ exchange: Exchange) {
        lanes[exchange.thread].phase = .application
        if exchange.isInApplication { application?.didBlock() }
    }

    package func progressed(_ exchange: Exchange) {
        lanes[exchange.thread].activeSince = MonotonicClock.now()
    }
}
