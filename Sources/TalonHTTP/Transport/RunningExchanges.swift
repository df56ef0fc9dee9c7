import TalonPlatform

/// The exchanges of an application that answers later: one for each request that runs, used again and again.
final class RunningExchanges: @unchecked Sendable {
    // Unchecked: the loop's alone, but for what is under the lock.
    private let limits: HTTPLimits
    private let patience: Int32
    private let limit: Int
    private var all: [Exchange] = []
    private var idle: [Exchange] = []
    private let lock = Lock()
    private var completed: [(Exchange, Bool)] = []
    /// Given to each when it is made. Before the first request.
    weak var observer: (any ExchangeObserver)?
    var waiter: ExchangeWaiter?
    var keepsHead = false

    init(limits: HTTPLimits, patience: Int32, limit: Int) {
        self.limits = limits
        self.patience = patience
        self.limit = limit
    }

    /// The one with the lowest number that is free: numbers count from 1, and few are in use as long as few requests run
    /// at a time. nil if there are as many as there may be.
    func take() -> Exchange? {
        if let exchange = idle.popLast() { return exchange }
        guard all.count < limit else { return nil }
        let exchange = Exchange(limits: limits, patience: patience, thread: all.count + 1, isOneOfMany: true)
        exchange.observer = observer
        exchange.waiter = waiter
        exchange.keepsHead = keepsHead
        all.append(exchange)
        return exchange
    }

    /// Those with a request.
    var busy: [Exchange] { all.filter { $0.connection != nil } }

    func giveBack(_ exchange: Exchange) { idle.append(exchange) }

    /// A response is complete, or has failed. Any thread.
    func complete(_ exchange: Exchange, succeeded: Bool) {
        lock.withLock { completed.append((exchange, succeeded)) }
    }

    /// What was completed since the last call.
    func collect() -> [(Exchange, Bool)] {
        lock.withLock {
            let all = completed
            completed.removeAll(keepingCapacity: true)
            return all
        }
    }
}
