package import TalonHTTP
import TalonPlatform

/// What each thread does, for the scoreboard.
extension WorkerRuntime: ExchangeObserver {
    func note(_ exchange: Exchange) {
        guard let connection = exchange.connection else { return }
        let lane = lanes[exchange.thread]
        connection.input.withBytes {
            lane.begin(
                method: $0.extracting(connection.head.method.range), path: $0.extracting(connection.head.path.range),
                versionMinor: connection.head.versionMinor, at: exchange.startedAt)
        }
    }

    package func willBlock(_ exchange: Exchange, isReading: Bool) {
        setPhase(isReading ? .reading : .sending, of: exchange)
        if exchange.isInApplication { application?.willBlock() }
    }

    package func didBlock(_ exchange: Exchange) {
        // The application's time, and not its client's, counts from here.
        lanes[exchange.thread].activeSince = MonotonicClock.now()
        setPhase(.application, of: exchange)
        if exchange.isInApplication { application?.didBlock() }
    }

    /// One that was answered in its thread's place stays so, whatever the thread does with it.
    private func setPhase(_ phase: RequestPhase, of exchange: Exchange) {
        let lane = lanes[exchange.thread]
        if lane.phase != .brokenOff { lane.phase = phase }
    }

    package func progressed(_ exchange: Exchange) {
        lanes[exchange.thread].activeSince = MonotonicClock.now()
    }
}
