import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `A talon.yaml in the folder` {
    @Test func `is read without being named, and the command line beats it`() throws {
        let directory = try applicationDirectory()
        try directory.write("workers: 3\nraw_env: [COLOUR=red]\nwsgi_app: app:app\n", to: "talon.yaml")
        let server = try TalonServer(["-w", "2"], in: directory)
        try server.waitUntilReady(workers: 2)
        #expect(try server.client.get("/environment?COLOUR").text == "red")
        try server.stop()
    }

    @Test func `may name functions of a module as hooks`() throws {
        let directory = try applicationDirectory()
        try directory.copy(fixture: "hooks/every.conf.py", as: "hooks_of_ours.py")
        try directory.write(
            "when_ready: hooks_of_ours.when_ready\npost_fork: hooks_of_ours.post_fork\n"
                + "pre_request: hooks_of_ours.pre_request\n", to: "talon.yaml")
        try serving("app:app", in: directory) { server in
            let called = try eventually("every hook was called") {
                let names = directory.lines("records").compactMap { $0.split(separator: "\"").dropFirst(3).first }
                return names.count >= 3 ? names.map(String.init) : nil
            }
            #expect(called == ["when_ready", "post_fork", "pre_request"])
        }
    }

    @Test func `ends the start if a hook is not there`() throws {
        let directory = try applicationDirectory()
        try directory.write("when_ready: no_such.function\n", to: "talon.yaml")
        let result = try talon("app:app", in: directory)
        #expect(result.end == .exited(1) && result.error.contains("no_such"), "\(result.error)")
    }

    @Test func `shows in --print-config where each value comes from`() throws {
        let directory = try applicationDirectory()
        try directory.write("timeout: 31\nkeepalive: 5\n", to: "talon.yaml")
        let result = try talon(
            "app:app", "--print-config", "-t", "32",
            environment: ["PATH": "/usr/bin:/bin", "GUNICORN_CMD_ARGS": "--backlog 100"], in: directory)
        #expect(result.end == .exited(0), "\(result.error)")
        for (name, value, source) in [
            ("timeout", "32", "command line"), ("keepalive", "5", "talon.yaml:2"),
            ("backlog", "100", "GUNICORN_CMD_ARGS"), ("threads", "1", "default"),
            ("prometheus_bind_address", "127.0.0.1", "env PROMETHEUS_BIND_ADDRESS"),
        ] {
            let line = result.output.split(separator: "\n").first { $0.hasPrefix("\(name) ") }
            #expect(line?.hasSuffix(" = \(value)  # \(source)") == true, "\(line ?? "")")
        }
    }

    @Test(
        arguments: [
            ("workrs: 4\n", "talon.yaml:1: workrs: is no setting: did you mean 'workers'?"),
            ("\nworkers: four\n", "talon.yaml:2: workers: is 'four'; use a whole number from 1 to 4096, or auto"),
            ("workers: [\n", "talon.yaml:1: YAML: "),
        ])
    func `that is wrong ends the start with 1 and says where`(text: String, message: String) throws {
        let directory = try applicationDirectory()
        try directory.write(text, to: "talon.yaml")
        let result = try talon("app:app", in: directory)
        #expect(result.end == .exited(1))
        #expect(result.error.contains(message), "\(result.error)")
    }

    @Test(arguments: ["nope.yaml", "file:nope.yaml", "python:", "."]) func `is missed if -c names what is not there`(
        name: String
    ) throws {
        let directory = try applicationDirectory()
        let result = try talon("-c", name, "app:app", in: directory)
        #expect(result.end == .exited(1))
        #expect(result.error.hasPrefix("talon: -c/--config: "), "\(result.error)")
    }

    @Test func `says once what has no effect yet, and what is not supported`() throws {
        let directory = try applicationDirectory()
        try directory.write("logconfig: log.ini\npaste: p.ini\nthreads: 1\n", to: "talon.yaml")
        try serving("app:app", in: directory) { server in
            #expect(server.log.contains("logconfig (talon.yaml:1) has no effect yet"))
            #expect(server.log.contains("paste (talon.yaml:2) is not supported: name the application as MODULE:NAME"))
            #expect(!server.log.contains("threads (talon.yaml"))
        }
    }
}

@Suite(.serialized) struct `A reload with a talon.yaml` {
    @Test func `takes a new number of workers and new variables, and says what it cannot take`() throws {
        let directory = try applicationDirectory()
        try directory.write("workers: 1\nraw_env: [COLOUR=red]\nbacklog: 100\n", to: "talon.yaml")
        let server = try TalonServer(["app:app"], in: directory)
        try server.waitUntilReady(workers: 1)
        try directory.write("workers: 3\nraw_env: [COLOUR=blue]\nbacklog: 200\n", to: "talon.yaml")
        server.signal(SIGHUP)
        try server.waitForLogs("Reloaded: the workers of generation 2 serve", count: 1)
        try server.waitUntilReady(workers: 3)
        #expect(try server.client.get("/environment?COLOUR").text == "blue")
        #expect(server.log.contains("Changed, and in force after a restart only: backlog"))
        try server.stop()
    }

    @Test func `is refused by a file that is broken, and the old workers go on`() throws {
        let directory = try applicationDirectory()
        try directory.write("workers: 2\n", to: "talon.yaml")
        let server = try TalonServer(["app:app"], in: directory)
        try server.waitUntilReady(workers: 2)
        let before = server.workers().map(\.pid)
        try directory.write("workers: none\n", to: "talon.yaml")
        server.signal(SIGHUP)
        try server.waitForLogs("Reload refused: ", count: 1)
        #expect(server.log.contains("talon.yaml:1: workers: is 'none'"))
        #expect(server.workers().map(\.pid) == before)
        #expect(try server.client.get("/").text == "ok")
        try server.stop()
    }
}

@Suite(.serialized) struct `talon check` {
    @Test func `says of each setting what becomes of it`() throws {
        let directory = try applicationDirectory()
        try directory.write("threads: 4\nkeepalive: 5\nlogconfig: log.ini\nhttp_parser: fast\n", to: "talon.yaml")
        let result = try talon("check", "app:app", "-t", "30", in: directory)
        #expect(result.end == .exited(0), "\(result.error)")
        for start in [
            "same           threads = 4 (talon.yaml:1)", "better         keepalive = 5 (talon.yaml:2): ",
            "no effect      logconfig = log.ini (talon.yaml:3): not yet",
            "no effect      http_parser = fast (talon.yaml:4): there is one parser",
            "same           timeout = 30 (command line)",
        ] { #expect(result.output.contains(start), "\(start)\n\(result.output)") }
    }

    @Test func `fails if something is not supported, and says that of all`() throws {
        let directory = try applicationDirectory()
        try directory.write("paste: c\nworkers: x\nworker_class: fibers\nthreads: 2\n", to: "talon.yaml")
        let result = try talon("check", "app:app", in: directory)
        #expect(result.end == .exited(1))
        for text in [
            "not supported  paste = c (talon.yaml:1): ", "not supported  talon.yaml:2: workers: is 'x'",
            "not supported  worker_class = fibers (talon.yaml:3): use one of sync", "same           threads = 2",
        ] { #expect(result.output.contains(text), "\(text)\n\(result.output)") }
    }
}

@Suite(.serialized) struct `talon convert` {
    @Test func `prints a talon.yaml that says the same`() throws {
        let directory = try applicationDirectory()
        try directory.write(
            "bind: '127.0.0.1:1, unix:/s'\nworkers: 0x4\numask: 022\nraw_env: [A=1]\nexporter: {cleanup: {db_files: true}}\n"
                + "secure_scheme_headers: {X-A: b}\nplugins: [{path: ./a.so}]\n",
            to: "old.yaml")
        let first = try talon("convert", "-c", "old.yaml", in: directory)
        #expect(first.end == .exited(0), "\(first.error)")
        #expect(first.output.contains(#"bind: ["127.0.0.1:1", "unix:/s"]"#) && first.output.contains("workers: 4\n"))
        #expect(first.output.contains("cleanup_db_files: true\n") && first.output.contains(#"umask: "022""#))
        try directory.write(first.output, to: "talon.yaml")
        let second = try talon("convert", in: directory)
        func settings(_ text: String) -> [Substring] { text.split(separator: "\n").filter { !$0.hasPrefix("#") } }
        #expect(settings(second.output) == settings(first.output))
    }

    @Test func `needs a file`() throws {
        let result = try talon("convert", in: try applicationDirectory())
        #expect(result.end == .exited(1) && result.error.contains("name one: -c FILE"))
    }
}
