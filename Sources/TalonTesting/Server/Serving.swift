/// Starts a server, runs the body when it answers with all its workers, and ends it.
///
/// The error of a body that throws comes with the server's log.
@discardableResult
package func serving<Result>(
    _ arguments: String..., in directory: TemporaryDirectory, workers: Int = 1, options: TalonServer.Options = .init(),
    _ body: (TalonServer) throws -> Result
) throws -> Result {
    let server = try TalonServer(arguments + ["-w", "\(workers)"], in: directory, options: options)
    return try withLog(of: server) {
        try server.waitUntilReady(workers: workers, metrics: !arguments.contains("--no-metrics"))
        return try body(server)
    }
}

/// Starts a server, runs the body at once, and ends it.
@discardableResult
package func starting<Result>(
    _ arguments: String..., in directory: TemporaryDirectory, options: TalonServer.Options = .init(),
    _ body: (TalonServer) throws -> Result
) throws -> Result {
    let server = try TalonServer(arguments, in: directory, options: options)
    return try withLog(of: server) { try body(server) }
}

/// Runs the body, and ends the server. The error of a body that throws comes with the server's log, and what was printed.
package func withLog<Result>(of server: TalonServer, _ body: () throws -> Result) throws -> Result {
    do {
        let result = try body()
        try server.stop()
        return result
    } catch {
        let log = server.logLines.suffix(60).joined(separator: "\n")
        let printed = server.standardOutput.isEmpty ? "" : "--- output:\n\(server.standardOutput)\n"
        throw TestFailure("\(error)\n\(printed)--- error log of talon \(server.pid):\n\(log)")
    }
}
