import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `The record of a worker's end` {
    private func serve(_ arguments: String..., body: (TalonServer) throws -> Void) throws {
        let directory = try stuckDirectory()
        try directory.makeDirectory("records")
        let server = try TalonServer(
            ["app:app", "-w", "2", "--exit-records", directory.file("records")] + arguments, in: directory)
        do {
            try server.waitUntilReady(workers: 2)
            try body(server)
            try server.stop()
        } catch {
            throw TestFailure("\(error)\n\(server.log)")
        }
    }

    @Test(arguments: [(SIGKILL, "SIGKILL"), (SIGSEGV, "SIGSEGV")])
    func `by a signal from outside has the signal and the requests that ran`(signal: Int32, name: String) throws {
        try serve { server in
            // In Python code, for its handlers run only there.
            let (_, worker) = try server.begin("/loop", "stuck")
            kill(worker, signal)
            let (line, json) = try server.exitRecord(of: worker)
            #expect(line.contains("[WARNING] ") && line.contains(" reason=signal signal=\(name) "))
            #expect(line.contains(" slot=") && line.contains(" generation=1 uptime="))
            #expect(line.contains(" requests=1 request=\"GET /loop application "))
            #expect(json.contains("\"reason\": \"signal\", \"forced\": true, \"code\": null, \"signal\": \"\(name)\""))
            #expect(
                json.contains("\"method\": \"GET\", \"path\": \"/loop\", \"phase\": \"application\", \"running_ms\": "))
            #expect(!server.log.contains("out of memory"))
            if signal == SIGKILL { #expect(line.contains("cause=\"somebody outside sent SIGKILL")) }
        }
    }

    @Test func `by itself has the code`() throws {
        try serve { server in
            #expect(throws: HTTPFailure.self) { try server.begin("/die", "die").connection.receive() }
            let died = try #require(server.directory.text("die.started").flatMap { Int32($0) })
            let (line, json) = try server.exitRecord(of: died)
            #expect(line.contains(" reason=exit_code code=7 requests=1 "))
            #expect(json.contains("\"code\": 7, \"signal\": null"))
        }
    }

    @Test func `by the time limit says so, and never that memory was wanting`() throws {
        try serve("-t", "2") { server in
            let (_, worker) = try server.begin("/c", "stuck")
            let (line, json) = try server.exitRecord(of: worker)
            #expect(line.contains(" reason=timeout signal=SIGKILL ") && !line.contains("memory"))
            #expect(json.contains("\"reason\": \"timeout\""))
            #expect(!server.log.contains("out of memory"))
        }
    }

    @Test func `in good order is a plain line, and names who sent the signal`() throws {
        try serve { server in
            let worker = try #require(server.workerPids().first)
            kill(worker, SIGTERM)
            let (line, json) = try server.exitRecord(of: worker)
            #expect(line.contains("[INFO] ") && line.contains(" reason=signal code=0 "))
            #expect(line.contains("cause=\"process \(getpid()) sent the signal\" requests=0"))
            #expect(json.contains("\"sender\": \(getpid()), \"requests\": []"))
            try server.waitUntilReady(workers: 2)
            let before = server.workerPids()
            server.signal(SIGHUP)
            for pid in before where pid != worker {
                let (line, _) = try server.exitRecord(of: pid)
                #expect(line.contains("[INFO] ") && line.contains(" reason=hup code=0 requests=0"))
            }
        }
    }

    @Test func `in a plugin's hook names both`() throws {
        let plugin = try Fixture.plugin("exit", in: "pre_request")
        let directory = try stuckDirectory()
        try directory.makeDirectory("records")
        try starting("app:app", "--plugin", plugin, "--exit-records", directory.file("records"), in: directory) {
            server in
            try eventually("a request ends a worker") {
                _ = try? server.client.get("/")
                return server.log.contains("reason=plugin")
            }
            let line = try server.waitForLog("reason=plugin")
            #expect(line.contains("cause=\"it was in hook pre_request of plugin "))
            try eventually("a record") {
                directory.text("records/worker-exits.jsonl")?.contains("\"hook\": \"hook pre_request") == true
            }
        }
    }

    @Test func `is in the log alone where the folder is not there, with one complaint`() throws {
        let directory = try stuckDirectory()
        try serving("app:app", "--exit-records", directory.file("nowhere"), in: directory, workers: 2) { server in
            for pid in server.workerPids() {
                kill(pid, SIGKILL)
                try server.waitForLog("Worker exit: pid=\(pid) ")
            }
            #expect(server.logLines.filter { $0.contains("exit_records: ") }.count == 1)
        }
    }
}
