import TalonHTTP
import TalonPlatform
import TalonTesting
import Testing

@testable import TalonMaster

@Suite struct `A record of a worker's end` {
    private func record(
        _ end: WorkerEnd, hook: String? = nil, sender: Int32 = 0, _ requests: [LaneRequest] = []
    ) -> ExitRecord {
        ExitRecord(
            pid: 12, slot: 3, age: 4, generation: 5, end: end, hook: hook, sender: sender, requests: requests,
            uptime: 61_002_000_000, endedAt: 9_500_000_000, unixTime: 1_700_000_000_123_456_789)
    }

    @Test func `is one line of keys and values`() {
        let request = LaneRequest(method: "GET", path: "/a", phase: .reading, since: 2_499_000_000)
        #expect(
            record(WorkerEnd(status: .signaled(.kill), order: .timeout), [request]).line
                == "Worker exit: pid=12 slot=3 age=4 generation=5 uptime=61.002 reason=timeout signal=SIGKILL "
                + "requests=1 request=\"GET /a reading 7.001s\"")
        #expect(
            record(WorkerEnd(status: .exited(0), order: .hup)).line
                == "Worker exit: pid=12 slot=3 age=4 generation=5 uptime=61.002 reason=hup code=0 requests=0")
    }

    @Test func `stays one line whatever a client sends, in the log and in the file`() {
        let request = LaneRequest(method: "GET", path: "/\"\n\\é\u{1}", since: 1)
        let record = record(WorkerEnd(status: .exited(7)), [request])
        #expect(record.line.hasSuffix("request=\"GET /\\\"\\x0a\\\\\\xc3\\xa9\\x01 application 9.499s\""))
        #expect(record.json.encoded.contains("\"path\": \"/\\\"\\n\\\\é\\u0001\""))
        #expect(!record.json.encoded.contains("\n"))
    }

    @Test func `counts many requests and shows some`() {
        let requests = (0..<100).map { LaneRequest(method: "GET", path: "/\($0)", since: 1) }
        let line = record(WorkerEnd(status: .exited(7)), requests).line
        #expect(line.contains(" requests=100 "))
        #expect(line.contains("GET /7 ") && !line.contains("GET /8 "))
    }

    @Test(
        arguments: [
            (WorkerEnd(status: .signaled(.kill)), nil, 0, "somebody outside sent SIGKILL"),
            (
                WorkerEnd(status: .signaled(.kill), isOutOfMemory: true), nil, 0,
                "the kernel killed it for want of memory"
            ),
            // The master's own KILL is no riddle.
            (WorkerEnd(status: .signaled(.kill), order: .timeout), nil, 0, nil),
            (WorkerEnd(status: .signaled(.kill), order: .stop), nil, 0, nil),
            (WorkerEnd(status: .exited(0), farewell: .terminate), nil, 77, "process 77 sent the signal"),
            (
                WorkerEnd(status: .exited(7), wasInHook: true), "hook post_fork of plugin p", 0,
                "it was in hook post_fork"
            ),
            (WorkerEnd(status: .exited(7)), nil, 0, nil),
            (WorkerEnd(status: .signaled(Signal(11))), nil, 0, nil),
        ] as [(WorkerEnd, String?, Int32, String?)])
    func `has a cause where one is known, and only there`(
        end: WorkerEnd, hook: String?, sender: Int32, cause: String?
    ) {
        let found = record(end, hook: hook, sender: sender).cause
        if let cause { #expect(found?.hasPrefix(cause) == true) } else { #expect(found == nil) }
    }

    @Test func `is an object of JSON`() {
        let request = LaneRequest(method: "POST", path: "/a", phase: .sending, since: 9_000_000_000)
        #expect(
            record(WorkerEnd(status: .exited(7), wasInHook: true), hook: "h", [request]).json.encoded
                == "{\"time_ms\": 1700000000123, \"pid\": 12, \"slot\": 3, \"age\": 4, \"generation\": 5, "
                + "\"uptime_ms\": 61002, \"reason\": \"plugin\", \"forced\": true, \"code\": 7, \"signal\": null, "
                + "\"cause\": \"it was in h\", \"hook\": \"h\", \"sender\": null, \"requests\": [{\"method\": \"POST\", "
                + "\"path\": \"/a\", \"phase\": \"sending\", \"running_ms\": 500}]}")
    }

    @Test func `is in at most two files`() throws {
        let directory = try TemporaryDirectory()
        var file = ExitRecordFile(folder: directory.path)
        let record = record(WorkerEnd(status: .exited(7)))
        file.limit = record.json.encoded.utf8.count * 3
        for _ in 0..<20 { #expect(file.append(record) == nil) }
        let names = try FileAccess.names(in: directory.path)
        #expect(names == ["worker-exits.jsonl", "worker-exits.jsonl.1"])
        for name in names {
            let lines = directory.lines(name)
            #expect((1...3).contains(lines.count) && lines.allSatisfy { $0 == record.json.encoded })
        }
    }

    @Test func `that cannot be written is complained of once`() throws {
        let directory = try TemporaryDirectory()
        var file = ExitRecordFile(folder: directory.file("later"))
        let record = record(WorkerEnd(status: .exited(7)))
        #expect(file.append(record)?.contains("worker-exits.jsonl") == true)
        #expect(file.append(record) == nil)
        try directory.makeDirectory("later")
        #expect(file.append(record) == nil)
        #expect(directory.lines("later/worker-exits.jsonl").count == 1)
    }
}

@Suite struct `An access line of the master` {
    @Test func `has what it knows, in the format of the others`() {
        let request = LaneRequest(method: "GET", path: "/a\"b", versionMinor: 0, since: 1)
        func line(_ layout: AccessLogLayout) -> String {
            let bytes = LostRequests.line(
                request, as: layout, status: 504, processID: 77, now: 2_000_000_001, unixTime: 1_000_000)
            return String(decoding: bytes, as: UTF8.self)
        }
        let standard = line(AccessLogLayout { _ in nil })
        #expect(standard.hasPrefix("- - - [") && standard.hasSuffix("] \"GET /a\\\"b HTTP/1.0\" 504 0 \"-\" \"-\"\n"))
        let format = AccessLogLayout { $0 == "access_log_format" ? "%(m)s %(U)s %(s)s %(L)s %(p)s %({x}i)s" : nil }
        #expect(line(format) == "GET /a\\\"b 504 2.000000 <77> -\n")
        let json = AccessLogLayout { $0 == "access_log_json" ? "true" : "%(m)s" }
        #expect(
            line(json) == #"{"time":"1970-01-01T00:00:00.001Z","method":"GET","path":"/a\"b","protocol":"HTTP/1.0","#
                + #""status":504,"bytes_sent":0,"duration":2.000000,"pid":77}"# + "\n")
    }
}
