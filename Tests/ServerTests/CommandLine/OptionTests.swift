import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `The options` {
    @Test func `--pid keeps the master's pid in a file while it runs`() throws {
        let directory = try applicationDirectory()
        let path = directory.file("talon.pid")
        try serving("app:app", "--pid", path, in: directory) { server in
            #expect(Files.text(path) == "\(server.pid)\n")
            server.signal(SIGTERM)
            let end = try server.waitForExit()
            #expect(end == .exited(0))
            #expect(!Files.exists(path))
        }
    }

    @Test func `--pid refuses the file of a server that runs`() throws {
        let directory = try applicationDirectory()
        let path = try directory.write("\(getpid())\n", to: "talon.pid")
        let result = try talon("app:app", "-b", "127.0.0.1:\(FreePort.any())", "--pid", path, in: directory)
        #expect(result.end == .exited(1))
        #expect(result.error.contains("\(getpid())") && result.error.contains(path))
        #expect(Files.text(path) == "\(getpid())\n")
    }

    @Test func `--pid takes over the file of a server that is gone`() throws {
        let directory = try applicationDirectory()
        let gone = try SpawnedProcess(Launch("true", [], environment: ["PATH": "/usr/bin:/bin"]))
        _ = try gone.wait(within: .seconds(10))
        let path = try directory.write("\(gone.pid)\n", to: "talon.pid")
        try serving("app:app", "--pid", path, in: directory) { server in
            #expect(Files.text(path) == "\(server.pid)\n")
        }
    }

    @Test func `--pid leaves a file that another has written meanwhile`() throws {
        let directory = try applicationDirectory()
        let path = directory.file("talon.pid")
        try serving("app:app", "--pid", path, in: directory) { server in
            try directory.write("1\n", to: "talon.pid")
            server.signal(SIGTERM)
            let end = try server.waitForExit()
            #expect(end == .exited(0))
        }
        #expect(Files.text(path) == "1\n")
    }

    @Test func `--chdir is where the application runs and is found`() throws {
        let directory = try TemporaryDirectory()
        let folder = try directory.makeDirectory("elsewhere")
        try directory.copy(fixture: "apps/life.py", as: "elsewhere/app.py")
        try serving("app:app", "--chdir", folder, in: directory) { server in
            let response = try server.client.get("/cwd")
            #expect(response.text == folder)
        }
    }

    @Test func `--pythonpath has more folders to import from`() throws {
        let directory = try TemporaryDirectory()
        try directory.makeDirectory("one")
        try directory.makeDirectory("two")
        try directory.copy(fixture: "apps/life.py", as: "one/life.py")
        try directory.write("from life import app\n", to: "two/entry.py")
        let folders = "\(directory.file("one")),\(directory.file("two"))"
        try serving("entry:app", "--pythonpath", folders, in: directory) { server in
            let response = try server.client.get("/")
            #expect(response.text == "ok")
        }
    }

    @Test func `-e sets variables of the application, the last of a name wins`() throws {
        let directory = try applicationDirectory()
        let options = ["-e", "COLOUR=red", "--env", "EMPTY=", "--env=EQUATION=a=b", "-e", "COLOUR=blue"]
        let server = try TalonServer(["app:app"] + options, in: directory)
        try server.waitUntilReady()
        for (name, value) in [("COLOUR", "blue"), ("EMPTY", ""), ("EQUATION", "a=b"), ("ABSENT", "not set")] {
            #expect(try server.client.get("/environment?\(name)").text == value)
        }
        try server.stop()
    }

    @Test func `--access-logfile has one line for each request`() throws {
        let directory = try applicationDirectory()
        let path = directory.file("access.log")
        try serving("app:app", "--access-logfile", path, in: directory) { server in
            _ = try server.client.get("/pid?first", headers: [("User-Agent", "tester/1"), ("Referer", "http://x/")])
            try eventually("the access log has the request") { directory.text("access.log")?.contains("first") == true }
            let line = directory.lines("access.log").first { $0.contains("first") } ?? ""
            #expect(line.hasPrefix("127.0.0.1 - - ["))
            #expect(line.contains("\"GET /pid?first HTTP/1.1\" 200 "))
            #expect(line.hasSuffix("\"http://x/\" \"tester/1\""))
            #expect(directory.lines("access.log").filter { $0.contains("first") }.count == 1)
            #expect(!server.log.contains("?first"))
        }
    }

    @Test func `--access-logfile - is the standard output`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", "--access-logfile", "-", in: directory) { server in
            _ = try server.client.get("/pid?first")
            try eventually("the request is logged") {
                server.standardOutput.contains("\"GET /pid?first HTTP/1.1\" 200 ")
            }
        }
    }

    @Test func `no access log is written unless asked for`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", in: directory) { server in
            _ = try server.client.get("/pid?first")
            try server.stop()
            #expect(!server.log.contains("first") && server.standardOutput.isEmpty)
        }
    }

    @Test func `--error-logfile has the error log instead of the standard error`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", "--error-logfile", directory.file("error.log"), in: directory) { server in
            let text = directory.text("error.log") ?? ""
            #expect(
                text.contains("Starting talon") && text.contains("Booting worker with pid: \(server.workerPids()[0])"))
            #expect(server.log.isEmpty)
        }
    }

    @Test func `--error-logfile that cannot be written refuses the start`() throws {
        let result = try talon("app:app", "--error-logfile", "/dev/null/error.log")
        #expect(result.end == .exited(1))
        #expect(result.error.contains("/dev/null/error.log"))
    }

    @Test func `log lines have gunicorn's form`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", in: directory, workers: 2) { server in
            let form = #/\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4}\] \[\d+\] \[[A-Z]+\] .*/#
            for line in server.logLines { #expect(line.wholeMatch(of: form) != nil, "\(line)") }
            for text in [
                "[\(server.pid)] [INFO] Starting talon ", "[\(server.pid)] [INFO] Using worker: sync",
                "[\(server.pid)] [INFO] Listening at: http://127.0.0.1:\(server.port) (\(server.pid))",
            ] {
                #expect(server.log.contains(text))
            }
            for pid in server.workerPids() {
                #expect(server.log.contains("[\(pid)] [INFO] Booting worker with pid: \(pid)"))
            }
        }
    }

    @Test func `--log-level holds back what is less grave`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", "--log-level", "warning", in: directory) { server in
            server.signal(SIGTERM)
            _ = try server.waitForExit()
            #expect(!server.log.contains("[INFO]") && !server.log.contains("[DEBUG]"))
        }
        try serving("app:app", "--log-level", "debug", in: directory) { server in
            #expect(server.log.contains("[DEBUG]"))
        }
    }

    @Test func `--no-metrics opens no port, starts no exporter and writes no files`() throws {
        let directory = try applicationDirectory()
        var options = TalonServer.Options()
        options.makesMetricsFolder = false
        try serving("app:app", "--no-metrics", in: directory, options: options) { server in
            #expect(FreePort.isFree(server.metricsPort))
            #expect(server.children(.exporter).isEmpty)
            #expect(Files.names(in: directory.file("metrics")).isEmpty)
        }
    }

    @Test(arguments: [
        ("sync", "sync"), ("gthread", "gthread"), ("gunicorn_prometheus_exporter.PrometheusWorker", "sync"),
        ("gunicorn_prometheus_exporter.PrometheusThreadWorker", "gthread"),
    ])
    func `-k takes gunicorn's names and the exporter's`(name: String, kind: String) throws {
        let directory = try applicationDirectory()
        try serving("app:app", "-k", name, in: directory) { server in
            let response = try server.client.get("/")
            #expect(response.text == "ok")
            #expect(server.log.contains("Using worker: \(kind)"))
        }
    }

    @Test func `--threads above 1 runs so many requests at once in one worker`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", "--threads", "3", in: directory) { server in
            #expect(server.log.contains("Using worker: gthread"))
            let held = try ["a", "b", "c"].map { try HeldRequest(server, $0) }
            #expect(Set(held.map(\.worker)) == [server.workerPids()[0]])
            for request in held {
                try request.release()
                #expect(try request.response().text == "held")
            }
        }
    }
}
