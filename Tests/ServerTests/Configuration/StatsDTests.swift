import Glibc
import TalonTesting
import Testing

/// What a StatsD server makes of what it is sent.
private final class Lines {
    private let receiver: any DatagramReceiver
    private(set) var all: [String] = []
    private(set) var sizes: [Int] = []

    init(_ receiver: any DatagramReceiver) {
        self.receiver = receiver
    }

    /// Takes in what comes until the condition holds.
    func wait(for what: String, until isEnough: (Lines) -> Bool) throws {
        try eventually("\(what) in \(all)") {
            while !isEnough(self) {
                guard let text = try? receiver.message(within: .milliseconds(200)) else { return false }
                sizes.append(text.utf8.count)
                all += text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            }
            return true
        }
    }

    /// The sum of a counter.
    func sum(_ name: String, _ ending: String = "|c|@1.0") -> Int {
        all.filter { $0.hasPrefix("\(name):") && $0.hasSuffix(ending) }
            .compactMap { Int($0.dropFirst(name.count + 1).dropLast(ending.count)) }.reduce(0, +)
    }

    func count(_ name: String) -> Int { all.count { $0.hasPrefix("\(name):") } }

    func has(_ line: String) throws {
        try wait(for: line) { $0.all.contains(line) }
    }
}

@Suite(.serialized) struct `StatsD: statsd_host` {
    private func options(_ port: UInt16) -> [String] { ["--statsd-host", "127.0.0.1:\(port)"] }

    @Test(arguments: [[], ["--threads", "4"]])
    func `is told of every request by UDP, counters summed, timers one by one`(more: [String]) throws {
        let daemon = try UDPSocket()
        let lines = Lines(daemon)
        let directory = try applicationDirectory()
        let server = try TalonServer(["app:app", "-w", "2"] + options(daemon.port) + more, in: directory)
        try withLog(of: server) {
            try server.waitUntilReady(workers: 2)
            try lines.has("gunicorn.workers:2|g")
            for _ in 0..<200 { _ = try server.client.get("/") }
            _ = try server.client.get("/fail")
            // Those that looked whether the server is ready are among them.
            try lines.wait(for: "a failure and 200 requests") {
                $0.sum("gunicorn.request.status.500") == 1 && $0.sum("gunicorn.request.status.200") >= 200
            }
            let statuses = Set(
                lines.all.filter { $0.hasPrefix("gunicorn.request.status.") }.compactMap {
                    $0.split(separator: ":").first
                })
            let byStatus = statuses.reduce(0) { $0 + lines.sum(String($1)) }
            #expect(lines.sum("gunicorn.requests") == byStatus)
            #expect(lines.count("gunicorn.request.duration") == byStatus)
            #expect(lines.count("gunicorn.requests") < byStatus, "counters are summed")
            for line in lines.all where line.hasPrefix("gunicorn.request.duration:") {
                let value = line.dropFirst("gunicorn.request.duration:".count).dropLast("|ms".count)
                #expect(line.hasSuffix("|ms") && Double(value) != nil, "\(line)")
            }
            #expect(lines.sizes.allSatisfy { $0 <= 1400 })
            // The traceback is a record of log.exception().
            try lines.has("gunicorn.log.exception:1|c|@1.0")
        }
    }

    @Test func `is told what the log has, from warnings on, and of workers that go`() throws {
        let daemon = try UDPSocket()
        let lines = Lines(daemon)
        let server = try TalonServer(
            ["app:app", "-w", "2", "--log-level", "critical"] + options(daemon.port), in: try applicationDirectory())
        try withLog(of: server) {
            try server.waitUntilReady(workers: 2)
            server.signal(SIGTTOU)
            try lines.has("gunicorn.workers:1|g")
            server.workers().first?.signal(SIGKILL)
            try lines.has("gunicorn.log.error:1|c|@1.0")
        }
    }

    @Test(arguments: [("shop", "shop."), ("shop..", "shop."), ("", "")])
    func `names begin with statsd_prefix and one dot, and end with dogstatsd_tags`(
        given: String, prefix: String
    ) throws {
        let daemon = try UDPSocket()
        let lines = Lines(daemon)
        let tags = ["--statsd-prefix", given, "--dogstatsd-tags", "env:test,zone:a"]
        let server = try TalonServer(["app:app"] + options(daemon.port) + tags, in: try applicationDirectory())
        try withLog(of: server) {
            try lines.has("\(prefix)gunicorn.workers:1|g|#env:test,zone:a")
            _ = try server.client.get("/")
            try lines.wait(for: "a request") { $0.sum("\(prefix)gunicorn.requests", "|c|@1.0|#env:test,zone:a") > 0 }
            #expect(lines.all.allSatisfy { $0.hasPrefix("\(prefix)gunicorn.") && $0.hasSuffix("|#env:test,zone:a") })
        }
    }

    @Test func `takes a unix socket, which may come later and be made anew`() throws {
        let directory = try applicationDirectory()
        let address = "unix://\(directory.file("statsd"))"
        try serving("app:app", "--statsd-host", address, in: directory) { server in
            try server.waitForLog("StatsD cannot be reached: ")
            for _ in 0..<2 {
                unlink(directory.file("statsd"))
                let daemon = try NotifySocket(directory.file("statsd"))
                try eventually("a request is told") {
                    _ = try server.client.get("/")
                    return (try? daemon.message(within: .milliseconds(50)))?.contains("gunicorn.requests:") == true
                }
            }
        }
    }

    @Test func `that is nobody, or takes nothing, delays and fails no request`() throws {
        let directory = try applicationDirectory()
        // A socket whose queue is full: nobody reads it.
        let full = try NotifySocket(directory.file("statsd"))
        try serving("app:app", "--statsd-host", "unix://\(full.path)", in: directory) { server throws in
            for _ in 0..<2000 { #expect(try server.client.get("/").status == 200) }
        }
        let port = try FreePort.any()
        try serving("app:app", "--statsd-host", "127.0.0.1:\(port)", in: directory) { server throws in
            for _ in 0..<200 { #expect(try server.client.get("/").status == 200) }
        }
    }

    @Test func `is told of the queue with enable_backlog_metric`() throws {
        let daemon = try UDPSocket()
        let lines = Lines(daemon)
        let server = try TalonServer(
            ["app:app", "--enable-backlog-metric"] + options(daemon.port), in: try applicationDirectory())
        try withLog(of: server) { try lines.has("gunicorn.backlog:0|h") }
    }

    @Test(arguments: ["gunicorn.instrument.statsd.Statsd", "statsd"])
    func `may be asked for by logger_class`(name: String) throws {
        let directory = try applicationDirectory()
        let result = try talon("check", "app:app", "--logger-class", name, "--statsd-host", "h:1", in: directory)
        #expect(result.end == .exited(0), "\(result.output)")
        #expect(result.output.contains("same           logger_class = \(name)"), "\(result.output)")
    }

    @Test(arguments: [
        ("localhost:0", "", "", "statsd_host: 'localhost:0' is no address; use HOST:PORT or unix://PATH"),
        ("unix://", "", "", "statsd_host: 'unix://' is no address"),
        ("h:1", "a:b", "", "statsd_prefix: 'a:b' has a ':' in it"),
        ("h:1", "", "a|b", "dogstatsd_tags: 'a|b' has a '|' in it"),
    ])
    func `ends the start if a setting is wrong`(host: String, prefix: String, tags: String, message: String) throws {
        let server = try talon(
            "app:app", "--statsd-host", host, "--statsd-prefix", prefix, "--dogstatsd-tags", tags,
            in: try applicationDirectory())
        #expect(server.end == .exited(1) && server.error.contains(message), "\(server.error)")
    }
}
