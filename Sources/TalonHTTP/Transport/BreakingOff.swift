import TalonPlatform

/// Requests that take too long on a thread of their own. A thread cannot be ended, so the server ends without them.
extension HTTPServer {
    /// Stops in good order, but waits no longer for the requests that these threads run: where no byte of the response
    /// may have been sent, the client is answered in the thread's place, by `status`. False if none of them runs one.
    ///
    /// `isStill`: whether the request that the thread runs is meant; it may have come to its next.
    package func breakOff(threads: [Int], status: Int, queues: QueueDrain, isStill: (Int) -> Bool) -> Bool {
        for thread in threads {
            guard let connection = pool.running(on: thread), !brokenOff.contains(where: { $0 === connection })
            else { continue }
            if connection.session == nil, connection.claim.takeForLoop() {
                // From here on the thread cannot come to its next request.
                guard isStill(thread) else {
                    connection.claim.reset()
                    continue
                }
                answer(connection, thread, status)
            }
            brokenOff.append(connection)
        }
        guard !brokenOff.isEmpty else { return false }
        drain(queues)
        return true
    }

    func answer(_ connection: Connection, _ thread: Int, _ status: Int) {
        let count = sendPage(status, to: connection)
        connection.shutdownSending()
        connection.claim.settle()
        delegate.brokeOff(connection, thread: thread, status: status, bytesSent: count)
    }

    /// Nothing was sent before, so there is room for so little, or nobody to take it. Returns the bytes of the body.
    private func sendPage(_ status: Int, to connection: Connection) -> Int64 {
        var page: [UInt8] = []
        let count = ErrorPage.render(
            status: status, reason: HTTPStatus.reasonPhrase(status), detail: "", isHead: connection.head.isHead,
            dateLine: dateLine, into: &page)
        _ = connection.send(page.span)
        return count
    }

    /// When no thread is left to run them: requests that nobody has begun.
    func turnAwayWaiting() {
        guard brokenOff.count >= configuration.threads else { return }
        for connection in pool.withdraw() {
            lent -= 1
            let count = sendPage(503, to: connection)
            delegate.turnedAway(connection, status: 503, bytesSent: count)
            linger(connection)
        }
        delegate.lent(lent)
    }

    /// A thread has come back after all.
    func forgetBrokenOff(_ connection: Connection) {
        if !brokenOff.isEmpty { brokenOff.removeAll { $0 === connection } }
    }

    /// The process ends in the middle of these responses, and their clients must see that.
    func resetBrokenOff() {
        for connection in brokenOff where !connection.claim.isLoops { connection.socket.resetOnClose() }
    }
}
