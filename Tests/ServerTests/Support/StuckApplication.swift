import TalonTesting

/// A directory with stuck.py as `app`.
func stuckDirectory() throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    try directory.copy(fixture: "apps/stuck.py", as: "app.py")
    return directory
}

extension TalonServer {
    /// Sends a request and waits until the application runs it. Returns its connection, and the worker's pid.
    func begin(_ target: String, _ name: String) throws -> (connection: HTTPConnection, worker: Int32) {
        let connection = try HTTPConnection(endpoint, within: .seconds(60))
        try connection.sendHead("GET", "\(target)?\(name)")
        let started = directory.file("\(name).started")
        let worker = try eventually("the application runs \(target)") { Files.text(started).flatMap { Int32($0) } }
        return (connection, worker)
    }

    /// The record of a worker's end: the line of the log, and that of the file.
    func exitRecord(of pid: Int32) throws -> (line: String, json: String) {
        let line = try waitForLog("Worker exit: pid=\(pid) ", within: .seconds(60))
        let json = try eventually("a record of \(pid) in the file") {
            directory.lines("records/worker-exits.jsonl").first { $0.contains("\"pid\": \(pid),") }
        }
        return (line, json)
    }
}
