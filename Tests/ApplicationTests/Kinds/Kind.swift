import TalonTesting
import Testing

/// A kind of worker, with an application that answers the paths of `kinds_common.py` in that kind's way.
struct Kind: CustomTestStringConvertible, Sendable {
    let testDescription: String
    /// As in "Using worker: NAME".
    let name: String
    let options: [String]
    let application: String

    private init(_ description: String, _ name: String, _ options: [String], _ application: String) {
        testDescription = description
        self.name = name
        self.options = options
        self.application = application
    }

    static let sync = Kind("sync", "sync", [], "kinds_wsgi:app")
    static let gthread = Kind("gthread", "gthread", ["--threads", "4"], "kinds_wsgi:app")
    static let gevent = Kind("gevent", "gevent", ["-k", "gevent"], "kinds_wsgi:app")
    static let eventlet = Kind("eventlet", "eventlet", ["-k", "eventlet"], "kinds_wsgi:app")
    /// As in gunicorn it runs one request at a time.
    static let tornadoWSGI = Kind("tornado with WSGI", "tornado", ["-k", "tornado"], "kinds_wsgi:app")
    static let tornado = Kind("tornado", "tornado", ["-k", "tornado"], "kinds_tornado:app")
    static let asyncio = Kind("asgi on asyncio", "asgi", ["-k", "asgi", "--asgi-loop", "asyncio"], "kinds_asgi:app")
    static let uvloop = Kind("asgi on uvloop", "asgi", ["-k", "asgi", "--asgi-loop", "uvloop"], "kinds_asgi:app")

    static let all = [sync, gthread, gevent, eventlet, tornadoWSGI, tornado, asyncio, uvloop]
    /// Many requests at a time in one thread.
    static let concurrent = [gevent, eventlet, tornado, asyncio, uvloop]
    static let several = [gthread] + concurrent

    var isConcurrent: Bool { Kind.concurrent.contains { $0.testDescription == testDescription } }
    var speaksWSGI: Bool { application.hasPrefix("kinds_wsgi") }

    /// Starts a server of this kind, runs the body, and ends it.
    func serve(
        _ arguments: [String] = [], workers: Int = 1, directory: TemporaryDirectory? = nil,
        _ body: (TalonServer) throws -> Void
    ) throws {
        try ApplicationTests.serve(application, options + arguments, workers: workers, directory: directory) {
            try $0.waitForLog("Using worker: \(name)")
            try body($0)
        }
    }
}

extension TalonServer {
    /// Sends a request that the application holds until the gate is opened, and waits until it runs.
    func hold(_ gate: String) throws -> HTTPConnection {
        let connection = try HTTPConnection(endpoint, within: .seconds(30))
        try connection.sendHead("GET", "/hold?gate=\(gate)")
        try waitForEvent("held \(gate)")
        return connection
    }
}
