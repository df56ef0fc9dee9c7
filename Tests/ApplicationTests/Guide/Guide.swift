import Glibc
import TalonTesting

/// A configuration file of the configuration guide, as it stands there, and what must be observable with it.
struct GuideFile: CustomStringConvertible, Sendable {
    /// The row in the table of scenarios.
    let row: String
    let name: String
    let workers: Int
    /// Where the metrics port listens.
    var metricsAddress = "0.0.0.0"

    var description: String { "\(row) \(name)" }
    var file: String { "gunicorn_\(name).conf.py" }

    static let all = [
        GuideFile(row: "S01", name: "basic", workers: 2),
        GuideFile(row: "S02", name: "high_performance", workers: 8),
        GuideFile(row: "S03", name: "async", workers: 4),
        GuideFile(row: "S04", name: "production", workers: 4, metricsAddress: "127.0.0.1"),
        GuideFile(row: "S05", name: "redis", workers: 4),
        GuideFile(row: "S06", name: "development", workers: 2),
        GuideFile(row: "S07", name: "sync", workers: 4),
        GuideFile(row: "S08", name: "thread", workers: 2),
        GuideFile(row: "S09", name: "eventlet", workers: 4),
        GuideFile(row: "S10", name: "gevent", workers: 4),
        GuideFile(row: "S11", name: "tornado", workers: 4),
        GuideFile(row: "S12", name: "custom_hooks", workers: 4),
        GuideFile(row: "S13", name: "advanced_hooks", workers: 4),
        GuideFile(row: "S14", name: "with_cli", workers: 4),
        GuideFile(row: "S15", name: "debug", workers: 4),
    ]

    static func named(_ name: String) throws -> GuideFile {
        guard let file = all.first(where: { $0.name == name }) else { throw TestFailure("the guide has no \(name)") }
        return file
    }
}

/// A server that a command of the guide started, in a folder with the application and the file.
///
/// Ports and folders are moved by the environment; nothing else is not as the guide has it.
struct GuideServer {
    let server: TalonServer

    /// `talon -c FILE app:app ARGUMENTS`. `moved` is what GUNICORN_CMD_ARGS moves beside the port.
    init(
        _ name: String, _ arguments: [String] = [], moved: [String] = [], port: UInt16? = nil,
        environment: [String: String] = [:], in given: TemporaryDirectory? = nil
    ) throws {
        let directory = try given ?? TemporaryDirectory()
        for file in ["gunicorn_\(name).conf.py", "app.py", "config.py"] where !Files.exists(directory.file(file)) {
            try directory.copy(fixture: "guide/\(file)")
        }
        let python = try TestEnvironment.python()
        var options = TalonServer.Options()
        options.binds = false
        options.choosesPython = false
        options.unset = environment["PROMETHEUS_BIND_ADDRESS"] == nil ? ["PROMETHEUS_BIND_ADDRESS"] : []
        let port = try port ?? FreePort.any()
        options.port = port
        options.environment = [
            "PATH": "\(python[..<(python.lastIndex(of: "/") ?? python.startIndex)]):/usr/bin:/bin",
            "GUNICORN_CMD_ARGS": (["--bind", "0.0.0.0:\(port)"] + moved).joined(separator: " "),
            "PYTHONDONTWRITEBYTECODE": "1",
        ]
        options.environment.merge(environment) { $1 }
        server = try TalonServer(
            ["-c", "gunicorn_\(name).conf.py", "app:app"] + arguments, in: directory, options: options)
    }

    /// Runs the body when all workers serve, then ends the server. The error of the body comes with the log.
    func whenReady<Result>(workers: Int, _ body: (TalonServer) throws -> Result) throws -> Result {
        try withLog(of: server) {
            try server.waitUntilReady(workers: workers)
            return try body(server)
        }
    }
}

extension TalonServer {
    /// The addresses on which this machine listens at a port, as /proc/net/tcp has them.
    static func addresses(listeningAt port: UInt16) -> [String] {
        Files.lines("/proc/net/tcp").compactMap { line in
            let fields = line.split(separator: " ")
            guard fields.count > 3, fields[3] == "0A" else { return nil }
            let parts = fields[1].split(separator: ":")
            guard parts.count == 2, UInt16(parts[1], radix: 16) == port, let bits = UInt32(parts[0], radix: 16) else {
                return nil
            }
            // In the byte order of the network, printed as a number of this machine.
            return (0..<4).map { "\(bits >> (8 * $0) & 0xff)" }.joined(separator: ".")
        }
    }

    /// Sends requests that the application holds until `letGo()`; returns when `count` of them run. Those that are
    /// sent beyond that have to wait.
    func hold(_ count: Int, of sent: Int? = nil) throws -> [HTTPConnection] {
        try (0..<(sent ?? count)).map { number in
            let connection = try client.connect()
            try connection.sendHead("GET", "/hold", headers: [("Connection", "close")])
            try eventually("\(number + 1) requests run at a time; now \(held)") { held >= min(number + 1, count) }
            return connection
        }
    }

    /// How many requests have come to be held.
    var held: Int { directory.lines("held").count }

    func letGo(_ connections: [HTTPConnection]) throws {
        try directory.write("", to: "gate")
        for connection in connections {
            let answer = try connection.receive()
            guard answer.text == "let go" else { throw TestFailure("a held request got \(answer.status)") }
        }
    }

    /// Waits until so many requests are counted. Each must be counted once, so more of them never come back to it.
    func waitForRequests(_ count: Int) throws {
        var now = 0.0
        try eventually("\(count) requests counted, now \(now)") {
            now = try metrics().sum("gunicorn_worker_requests_total")
            return now == Double(count)
        }
    }
}
