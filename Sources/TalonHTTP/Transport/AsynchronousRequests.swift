import TalonPlatform

/// Requests of an application that answers later: it is called on the loop's thread, may return before it has answered,
/// and says when it has. Meanwhile the connection belongs to the application, as it belongs to a thread elsewhere.
extension HTTPServer {
    /// Who is told what exchanges do, and how they wait for their clients. Before the first request.
    ///
    /// `keepsHead`: ``Exchange/keepsHead``.
    package func setAsynchronous(observer: any ExchangeObserver, waiter: ExchangeWaiter?, keepsHead: Bool) {
        running.observer = observer
        running.waiter = waiter
        running.keepsHead = keepsHead
    }

    /// Those that run. The loop's thread.
    package var runningExchanges: [Exchange] { running.busy }

    func start(_ connection: Connection) {
        // There is one for each connection that may be open.
        guard let exchange = running.take() else { return close(connection) }
        connection.stage = .lent
        connection.claim.reset()
        lent += 1
        delegate.lent(lent)
        exchange.begin(connection, mayKeep: connection.mayKeep, at: MonotonicClock.now())
        let succeeded = delegate.handle(exchange)
        if !exchange.answersLater { complete(exchange, succeeded: succeeded) }
    }

    /// The application has done with the request of an exchange, which is not to be used any more. The loop's thread,
    /// at any time but in ``HTTPServerDelegate/handle(_:)``.
    package func complete(_ exchange: Exchange, succeeded: Bool) {
        guard let connection = exchange.connection else { return }
        let ending = exchange.end(succeeded: succeeded)
        exchange.endedAt = MonotonicClock.now()
        now = exchange.endedAt
        delegate.finished(exchange)
        exchange.release()
        running.giveBack(exchange)
        takeBack(connection, ending)
        // The host of the loop may be about to wait.
        if connection.isPending { bell.ring() }
    }

    /// As ``complete(_:succeeded:)``, on any thread.
    package func completeLater(_ exchange: Exchange, succeeded: Bool) {
        running.complete(exchange, succeeded: succeeded)
        bell.ring()
    }

    func completeCollected() {
        guard configuration.isAsynchronous else { return }
        for (exchange, succeeded) in running.collect() { complete(exchange, succeeded: succeeded) }
    }

    /// Answers in the application's place, if it has sent nothing yet, a request that takes too long; what it still does
    /// with the exchange has no effect. Until it completes it, the connection is not used for anything else.
    package func cutShort(_ exchange: Exchange, status: Int) {
        guard let connection = exchange.connection, connection.claim.takeForLoop() else { return }
        answer(connection, exchange.thread, status)
    }
}
