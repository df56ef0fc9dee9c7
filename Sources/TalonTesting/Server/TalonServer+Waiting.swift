import Glibc

extension TalonServer {
    /// Waits until there are so many workers, all of them booted, and requests and scrapes are answered.
    package func waitUntilReady(
        workers count: Int = 1, target: String = "/", metrics hasMetrics: Bool = true,
        within allowed: Duration = .seconds(30)
    ) throws {
        try waitUntilAnswers(target, within: allowed)
        try waitForWorkers(count, within: allowed)
        // A worker catches TERM from the moment when it can end in good order: its application is loaded.
        try eventually("\(count) workers have booted", within: allowed) {
            try failIfEnded()
            let workers = workers()
            return workers.count == count && workers.allSatisfy { $0.catches(SIGTERM) }
        }
        guard hasMetrics else { return }
        try eventually("the metrics port answers", within: allowed) {
            try failIfEnded()
            return (try? metrics()) != nil
        }
    }

    /// Waits until a request is answered, whatever the status.
    @discardableResult
    package func waitUntilAnswers(
        _ target: String = "/", at endpoint: Endpoint? = nil, within allowed: Duration = .seconds(30)
    ) throws -> HTTPResponse {
        let client = HTTPClient(endpoint ?? self.endpoint)
        return try eventually("the server answers at \(client.endpoint)", within: allowed) {
            try failIfEnded()
            return try? client.get(target)
        }
    }

    /// Waits until the master has exactly so many live workers.
    package func waitForWorkers(_ count: Int, within allowed: Duration = .seconds(30)) throws {
        try eventually("\(count) workers, now \(workerPids())", within: allowed) {
            try failIfEnded()
            return workers().count == count
        }
    }

    /// Waits for a text in the error log; returns its first line that has it.
    @discardableResult
    package func waitForLog(_ text: String, within allowed: Duration = .seconds(30)) throws -> String {
        try waitForLogs(text, count: 1, within: allowed)[0]
    }

    /// Waits until so many lines of the error log have a text; returns them.
    @discardableResult
    package func waitForLogs(_ text: String, count: Int, within allowed: Duration = .seconds(30)) throws -> [String] {
        try eventually("\(count) × \(text.debugDescription) in the log", within: allowed) {
            let found = logLines.filter { $0.contains(text) }
            return found.count >= count ? found : nil
        }
    }

    package func waitForExit(within allowed: Duration = .seconds(30)) throws -> ProcessEnd {
        try process.wait(within: allowed)
    }

    private func failIfEnded() throws {
        if let end = process.reap() { throw TestFailure("the server has ended: \(end)") }
    }
}
