import TalonTesting

/// The fixtures of these tests.
enum Apps {
    static let folder = "\(Repository.root)/Tests/ApplicationTests/Apps"
}

/// Starts a server for an application of Apps, runs the body when it answers with all its workers, and ends it. The
/// error of a body that throws comes with the server's log.
@discardableResult
func serve<Result>(
    _ application: String, _ arguments: [String] = [], workers: Int = 1, environment: [String: String] = [:],
    in folder: String? = Apps.folder, directory given: TemporaryDirectory? = nil, choosesPython: Bool = true,
    _ body: (TalonServer) throws -> Result
) throws -> Result {
    let directory = try given ?? TemporaryDirectory()
    var options = TalonServer.Options()
    options.environment = ["PROBE_DIR": directory.path, "PYTHONDONTWRITEBYTECODE": "1"]
    options.environment.merge(environment) { $1 }
    options.choosesPython = choosesPython
    let place = folder.map { ["--chdir", $0] } ?? []
    let server = try TalonServer(
        [application, "-w", "\(workers)"] + place + arguments, in: directory, options: options)
    return try withLog(of: server) {
        try server.waitUntilReady(workers: workers, metrics: !arguments.contains("--no-metrics"))
        return try body(server)
    }
}

/// What a test and the fixture `stage.py` use to wait for each other.
extension TalonServer {
    /// What the application has told so far.
    var events: [String] { directory.lines("events") }

    func waitForEvent(_ event: String, count: Int = 1, within allowed: Duration = .seconds(30)) throws {
        try eventually("\(count) × the event \(event); so far \(events)", within: allowed) {
            events.count { $0 == event } >= count
        }
    }

    /// Lets go the requests that wait for this gate.
    func open(gate: String) throws {
        try directory.write("", to: gate)
    }

    /// How often the error log has this text so far.
    func logCount(_ text: String) -> Int {
        logLines.count { $0.contains(text) }
    }
}
