import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `Signals to the master` {
    private static let family = "gunicorn_master_worker_restart_total"

    @Test func `are counted once each, by gunicorn's names`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", in: directory) { server in
            let first = try server.metrics()
            for reason in ["hup", "ttin", "ttou", "chld", "usr1", "usr2", "int"] {
                #expect(first.value(Self.family, ["reason": reason]) == 0, "a rate needs the 0 before the 1: \(reason)")
            }
            #expect(first.all(Self.family).count == 7)
            for (signal, reason) in [
                (SIGTTIN, "ttin"), (SIGTTOU, "ttou"), (SIGUSR1, "usr1"), (SIGHUP, "hup"), (SIGUSR2, "usr2"),
            ] {
                for count in 1...2 {
                    server.signal(signal)
                    try eventually("\(reason) is counted") {
                        try server.metrics().value(Self.family, ["reason": reason]) == Double(count)
                    }
                }
            }
            let line = try server.waitForLog("Started a new master (pid:")
            let successor = try #require(line.split(separator: ":").last.flatMap { Int32($0.prefix { $0.isNumber }) })
            try eventually("it takes signals") {
                ProcessTable.children(of: successor).contains { $0.role == .worker }
            }
            kill(successor, SIGTERM)
            try server.waitForLog("The new master (pid:\(successor)) exited with code 0; this one goes on")
            let page = try server.metrics()
            #expect(try #require(page.value(Self.family, ["reason": "chld"])) >= 1, "workers have ended")
            #expect(page.value(Self.family, ["reason": "int"]) == 0)
            // The same, and those that the old exporter does not count.
            #expect(page.value("talon_master_signals_total", ["signal": "hup"]) == 2)
            server.signal(SIGWINCH)
            try eventually("WINCH is counted") {
                try server.metrics().value("talon_master_signals_total", ["signal": "winch"]) == 1
            }
        }
    }

    @Test func `are counted even if they end it`() throws {
        let directory = try applicationDirectory()
        for signal in [SIGINT, SIGTERM] {
            let server = try TalonServer(["app:app"], in: directory)
            try server.waitUntilReady()
            server.signal(signal)
            #expect(try server.waitForExit() == .exited(0))
        }
        try serving("app:app", in: directory) { server in
            let page = try server.metrics()
            #expect(page.value(Self.family, ["reason": "int"]) == 1)
            #expect(page.value("talon_master_signals_total", ["signal": "int"]) == 1)
            #expect(page.value("talon_master_signals_total", ["signal": "term"]) == 1)
        }
    }
}

@Suite(.serialized) struct `Reloads` {
    private func count(_ server: TalonServer, _ outcome: String) throws -> Double? {
        try server.metrics().value("talon_reloads_total", ["outcome": outcome])
    }

    @Test func `are counted by outcome, with the time of the last and what it took`() throws {
        let directory = try directory(answering: "old")
        try serving("app:app", in: directory, workers: 2) { server in
            let first = try server.metrics()
            for outcome in ["ok", "failed", "denied", "superseded"] {
                #expect(first.value("talon_reloads_total", ["outcome": outcome]) == 0)
            }
            #expect(first.value("talon_generation") == 1)
            #expect(first.value("talon_last_reload_success") == 1)
            #expect(first.value("talon_last_reload_timestamp_seconds") == 0)

            let before = Double(time(nil))
            server.signal(SIGHUP)
            try eventually("it is ok") { try count(server, "ok") == 1 }
            let second = try server.metrics()
            let moment = try #require(second.value("talon_last_reload_timestamp_seconds"))
            #expect(moment >= before && moment <= Double(time(nil)) + 1)
            #expect(second.value("talon_generation") == 2)
            #expect(second.value("talon_last_reload_success") == 1)
            #expect(second.value("talon_reload_duration_seconds_count") == 1)
            #expect(try #require(second.value("talon_reload_duration_seconds_sum")) > 0)

            try directory.writeApplication(answering: "new", preamble: "raise RuntimeError('broken')")
            server.signal(SIGHUP)
            try eventually("it has failed") { try count(server, "failed") == 1 }
            let third = try server.metrics()
            #expect(third.value("talon_generation") == 2)
            #expect(third.value("talon_last_reload_success") == 0)
            #expect(third.value("talon_reload_duration_seconds_count") == 2)
        }
    }

    @Test func `that another overtakes are superseded`() throws {
        let directory = try directory(answering: "old")
        try serving("app:app", in: directory) { server in
            try directory.writeApplication(
                answering: "new",
                preamble: """
                    import os, time
                    while not os.path.exists("go"): time.sleep(0.01)
                    """)
            server.signal(SIGHUP)
            try server.waitForLogs("Handling signal: hup", count: 1)
            server.signal(SIGHUP)
            try eventually("the first is superseded") { try count(server, "superseded") == 1 }
            try directory.write("", to: "go")
            try eventually("the second is ok") { try count(server, "ok") == 1 }
            #expect(try server.metrics().value("talon_generation") == 3)
        }
    }

    @Test func `that a plugin vetoes are denied`() throws {
        let directory = try applicationDirectory()
        let plugin = try Fixture.plugin("deny", in: "on_reload")
        try serving("app:app", "--plugin", plugin, in: directory) { server in
            server.signal(SIGHUP)
            try eventually("it is denied") { try count(server, "denied") == 1 }
            let page = try server.metrics()
            #expect(page.value("talon_generation") == 1)
            #expect(page.value("talon_last_reload_success") == 0)
        }
    }
}
