import Glibc
import TalonPlatform
import TalonTesting
import Testing

extension FileStatus {
    fileprivate static func mode(_ path: String) -> UInt32? {
        FileAccess.status(of: path, followingLinks: false)?.permissions
    }
}

@Suite(.serialized) struct `The control socket` {
    @Test func `speaks gunicorn's protocol and tells what gunicorn's does`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", "--threads", "3", "-e", "SECRET=hunter2", in: directory, workers: 2) { server in
            let control = try server.control()
            let workers = try control.ask("show workers")
            let list = try #require(workers["workers"]?.elements)
            #expect(workers["count"]?.integer == 2 && list.count == 2)
            #expect(list.map { $0["pid"]?.integer } == server.workerPids().map { Int($0) })
            #expect(list.map { $0["age"]?.integer } == [1, 2])
            #expect(list.allSatisfy { $0["booted"]?.isTrue == true && $0["aborted"]?.isTrue == false })
            #expect(list.allSatisfy { ($0["last_heartbeat"]?.double ?? -1) >= 0 })
            #expect(list.allSatisfy { $0["threads"]?.integer == 3 && $0["state"]?.string == "ready" })
            #expect(list.allSatisfy { ($0["memory_bytes"]?.integer ?? 0) > 1 << 20 })

            let stats = try control.ask("show stats")
            #expect(stats["pid"]?.integer == Int(server.pid))
            #expect(stats["workers_current"]?.integer == 2 && stats["workers_target"]?.integer == 2)
            #expect(stats["workers_spawned"]?.integer == 2 && stats["reloads"]?.integer == 0)
            #expect(stats["last_reload"]?.fields == nil)

            let listeners = try control.ask("show listeners")
            #expect(listeners["listeners"]?.elements?.first?["address"]?.string == "http://127.0.0.1:\(server.port)")
            let config = try control.ask("show", .text("config"))
            #expect(config["workers"]?.integer == 2 && config["threads"]?.integer == 3)
            #expect(!config.encoded.contains("hunter2") && config.encoded.contains("SECRET="))
            #expect(try control.ask("show dirty")["enabled"]?.isTrue == false)
            #expect(try control.ask("show all")["web_worker_count"]?.integer == 2)
            #expect(try control.ask("help")["commands"]?["reload [wait]"] != nil)
        }
    }

    @Test func `does what gunicorn's does`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", "--error-logfile", "error.log", in: directory) { server in
            let control = try server.control()
            let added = try control.ask("worker add", .number(2))
            #expect(added["added"]?.integer == 2 && added["previous"]?.integer == 1 && added["total"]?.integer == 3)
            try server.waitForWorkers(3)
            let removed = try control.ask("worker remove 7")
            #expect(removed["removed"]?.integer == 2 && removed["total"]?.integer == 1)
            try server.waitUntilReady(workers: 1)

            let pid = try #require(server.workerPids().first)
            #expect(try control.ask("worker kill \(pid)")["success"]?.isTrue == true)
            try eventually("another worker") { server.workerPids().count == 1 && server.workerPids() != [pid] }
            // A stranger's process is none of our workers.
            let stranger = try control.ask("worker kill \(getpid())")
            #expect(stranger["success"]?.isTrue == false)
            #expect(stranger["error"]?.string == "Worker \(getpid()) not found")

            try Files.write([], to: directory.file("old"))
            #expect(rename(directory.file("error.log"), directory.file("old")) == 0)
            #expect(try control.ask("reopen")["status"]?.string == "reopening")
            try eventually("a new log") { Files.exists(directory.file("error.log")) }

            #expect(try control.ask("reload")["status"]?.string == "reloading")
            try eventually("generation 2") { try control.ask("status")["generation"]?.integer == 2 }
            #expect(try control.ask("status")["last_reload"]?["outcome"]?.string == "ok")

            #expect(try control.ask("shutdown")["mode"]?.string == "graceful")
            #expect(try server.waitForExit() == .exited(0))
            #expect(control.ends())
        }
    }

    @Test(arguments: [
        ("nonsense", "Invalid argument: Unknown command: nonsense"), ("worker kill", "Missing PID"),
        ("worker add x", "no number of workers"), ("worker add 0", "no number of workers"),
        ("worker add 99999999999999999999", "no number of workers"), ("worker", "use add, remove or kill"),
        ("show", "use all, workers"), ("shutdown now", "use graceful or quick"), ("reload now", "only wait may follow"),
        ("", "Empty command"),
    ])
    func `says what is wrong with a command`(command: String, problem: String) throws {
        try serving("app:app", "--no-metrics", in: try applicationDirectory()) { server in
            let control = try server.control()
            let reply = try control.reply(to: command)
            #expect(reply["status"]?.string == "error" && reply["id"]?.integer == 7)
            #expect(reply["error"]?.string?.contains(problem) == true, "\(reply.encoded)")
            #expect(try control.ask("status")["workers_target"]?.integer == 1)
        }
    }

    @Test func `is where gunicorn's client looks for it, for its user alone, as long as the server lives`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", in: directory) { server in
            #expect(FileStatus.mode(server.controlSocket) == 0o600)
            #expect(FileStatus.mode(directory.file(".gunicorn")) == 0o700)
            #expect(Files.isSocket(server.controlSocket))
            server.signal(SIGTERM)
            let end = try server.waitForExit()
            #expect(end == .exited(0))
            #expect(!Files.exists(server.controlSocket))
        }
        var options = TalonServer.Options()
        options.environment["XDG_RUNTIME_DIR"] = directory.file("run")
        try directory.makeDirectory("run")
        try serving("app:app", "--control-socket-mode", "0660", in: directory, options: options) { _ in
            #expect(FileStatus.mode(directory.file("run/gunicorn.ctl")) == 0o660)
        }
    }

    @Test func `is missed without a word where it cannot be made, and with one where it was asked for`() throws {
        let directory = try applicationDirectory()
        var options = TalonServer.Options()
        options.environment["HOME"] = "/proc/no/home"
        try serving("app:app", "--log-level", "debug", in: directory, options: options) { server in
            let line = try server.waitForLog("No control socket: ")
            #expect(line.contains("[DEBUG]"))
            #expect(!server.log.contains("[WARNING]") && !server.log.contains("[ERROR]"))
            #expect(try server.client.get("/").status == 200)
        }
        try serving("app:app", "--control-socket", "/proc/x/talon.ctl", in: try applicationDirectory()) { server in
            let line = try server.waitForLog("No control socket: ")
            #expect(line.contains("[WARNING]"))
            #expect(try server.client.get("/").status == 200)
        }
    }

    @Test func `is not there if it is not wanted`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", "--no-control-socket", in: directory) { server in
            #expect(!Files.exists(server.controlSocket))
            #expect(!Files.exists(directory.file(".gunicorn")))
        }
    }

    @Test func `takes no name from a server that lives, and that of a dead one`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", "--no-metrics", in: directory) { first in
            try starting("app:app", "--no-metrics", "--control-socket", first.controlSocket, in: directory) { second in
                try second.waitForLog("No control socket: ")
                #expect(try first.control().ask("status")["pid"]?.integer == Int(first.pid))
            }
            #expect(try first.control().ask("status")["pid"]?.integer == Int(first.pid))
            first.signal(SIGKILL)
            _ = try first.waitForExit()
            #expect(Files.isSocket(first.controlSocket))
        }
        try serving("app:app", "--no-metrics", in: directory) { third in
            let status = try third.control().ask("status")
            #expect(status["pid"]?.integer == Int(third.pid))
        }
    }

    @Test func `replaces no file that is none of its kind`() throws {
        let directory = try applicationDirectory()
        try directory.write("precious", to: "file")
        try serving("app:app", "--no-metrics", "--control-socket", "file", in: directory) { server in
            try server.waitForLog("not a socket; remove it")
            #expect(directory.text("file") == "precious")
        }
        #expect(directory.text("file") == "precious")
    }

    @Test func `may tell and not obey`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", "--control-socket-readonly", "look.ctl", in: directory) { server in
            let look = try ControlConversation(directory.file("look.ctl"))
            for command in ["show all", "workers", "status", "config", "plugins", "show listeners", "help"] {
                _ = try look.ask(command)
            }
            let before = server.workerPids()
            let pid = Int(before.first ?? 0)
            for command in [
                "worker add", "worker remove", "worker kill \(pid)", "reload", "reload wait", "reopen",
                "shutdown quick",
                "SHUTDOWN", "dirty add",
            ] {
                let reply = try look.reply(to: command)
                #expect(reply["error"]?.string == "this control socket is read-only", "\(command)")
            }
            #expect(server.workerPids() == before)
            let result = try server.ctl("-s", "look.ctl", "stop")
            #expect(result.end == .exited(1) && result.error.contains("read-only"))
            #expect(try server.ctl("-s", "look.ctl", "status").end == .exited(0))
            #expect(try server.client.get("/").status == 200)
        }
    }

    @Test func `may have an abstract name, which no other user can use`() throws {
        let directory = try applicationDirectory()
        let name = "@talon-test-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        try serving("app:app", "--no-metrics", "--control-socket", name, in: directory) { server in
            #expect(try ControlConversation(name).ask("status")["pid"]?.integer == Int(server.pid))
            #expect(try server.ctl("-s", name, "status").output.contains("pid \(server.pid)"))
            guard geteuid() == 0 else { return }
            let script = """
                import os, socket, sys
                os.setresuid(65534, 65534, 65534)
                client = socket.socket(socket.AF_UNIX)
                client.settimeout(20)
                client.connect("\\0" + sys.argv[1])
                try:
                    client.sendall(b"\\0\\0\\0\\x15" + b'{"command": "status"}')
                    print(client.recv(4))
                except (BrokenPipeError, ConnectionResetError):
                    print(b"")
                """
            let stranger = try run("/usr/bin/python3", ["-c", script, String(name.dropFirst())])
            #expect(stranger.output == "b''\n", "\(stranger.error)")
        }
    }

    @Test func `goes to the new master at a binary upgrade, which waits for its name`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", "--no-metrics", in: directory) { server in
            server.signal(SIGUSR2)
            let second = try eventually("the second master answers") {
                let control = try? ControlConversation(server.controlSocket + ".2")
                return try control?.ask("status")["pid"]?.integer
            }
            #expect(second != Int(server.pid))
            #expect(try server.control().ask("status")["pid"]?.integer == Int(server.pid))
            let early = try ControlConversation(server.controlSocket + ".2")
            server.signal(SIGTERM)
            #expect(try server.waitForExit() == .exited(0))
            try eventually("the second master has the name") {
                (try? server.control().ask("status"))?["pid"]?.integer == second
            }
            #expect(!Files.exists(server.controlSocket + ".2"))
            #expect(try early.ask("status")["pid"]?.integer == second)
            #expect(try server.ctl("stop").end == .exited(0))
            try eventually("nothing is left") { server.descendants().isEmpty }
        }
    }
}
