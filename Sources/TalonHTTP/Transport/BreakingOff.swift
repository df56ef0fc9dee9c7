import TalonPlatform

/// Requests that take too long on a thread of their own. A thread cannot be ended, so the server ends without them.
extension HTTPServer {
    /// Stops in good order, but waits no longer for the requests that these threads run: where no byte of the response
    /// may have been sent, the client is answered in the thread's place, by `status`. False if none of them runs one.
    package func breakOff(threads: [Int], status: Int) -> Bool {
        for thread in threads {
            guard let connection = pool.running(on: thread), !brokenOff.contains(where: { $0 === connection })
            else { continue }
            brokenOff.append(connection)
            answer(connection, thread, status)
        }
        guard !brokenOff.isEmpty else { return false }
        drain()
        return true
    }

    private func answer(_ connection: Connection, _ thread: Int, _ status: Int) {
        guard connection.session == nil, connection.claim.takeForLoop() else { return }
        defer { connection.claim.settle() }
        var page: [UInt8] = []
        let count = ErrorPage.render(
            status: status, reason: HTTPStatus.reasonPhrase(status), detail: "", isHead: connection.head.isHead,
            dateLine: dateLine, into: &page)
        // Nothing was sent before, so there is room for so little, or nobody to take it.
        _ = connection.send(page.span)
        connection.shutdownSending()
        delegate.brokeOff(connection, thread: thread, status: status, bytesSent: count)
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
