import TalonTesting
import Testing

/// A way in which `probe.py` fails before a byte of the response is sent, and what the log must say.
struct Failure: CustomTestStringConvertible, Sendable {
    let target: String
    let logged: String
    var testDescription: String { target }

    init(_ target: String, _ logged: String) {
        self.target = target
        self.logged = logged
    }

    static let all = [
        Failure("/fail", "RuntimeError: the application gave up"),
        Failure("/fail-after-start", "RuntimeError: gave up after start_response"),
        Failure("/fail-first", "RuntimeError: gave up before the first part"),
        Failure("/text-part", "TypeError"),
        Failure("/none", "TypeError"),
        Failure("/no-start", "Error"),
        Failure("/start-twice", "AssertionError"),
        Failure("/bad-header?kind=newline", "X-Bad"),
        Failure("/bad-header?kind=nul", "X-Bad"),
        Failure("/bad-header?kind=name", "X Bad"),
        Failure("/bad-header?kind=type", "Error"),
        Failure("/bad-header?kind=bytes", "Error"),
        Failure("/bad-status?kind=newline", "Error"),
        Failure("/bad-status?kind=type", "Error"),
        Failure("/bad-status?kind=bytes", "Error"),
    ]
}

@Suite("An application that fails", .serialized)
struct FailureTests {
    @Test("answers 500 with its traceback in the log, and the worker lives", arguments: [[], ["--threads", "2"]])
    func failures(options: [String]) throws {
        try serve("probe:app", options) { server throws in
            let pid = try server.answeringPid()
            for (number, failure) in Failure.all.enumerated() {
                let response = try server.client.get(failure.target)
                #expect(response.status == 500, "\(failure.target)")
                #expect(!response.text.contains("Error:"), "\(failure.target): the client sees no traceback")
                #expect(response["x-injected"] == nil)
                try server.waitForLogs("Error handling request GET \(failure.target)", count: 1)
                try server.waitForLogs("[ERROR] Error handling request", count: number + 1)
                try server.waitForLog(failure.logged)
            }
            #expect(server.log.contains("Traceback (most recent call last):"))
            #expect(server.log.contains("in fail\n"), "the traceback names the function")
            #expect(try server.answeringPid() == pid)
            #expect(server.workerPids() == [pid])
        }
    }

    @Test(
        "after it has begun to answer ends the connection, so that the client sees it", arguments: ["", "?length=50"])
    func midway(query: String) throws {
        try serve("probe:app") { server throws in
            let pid = try server.answeringPid()
            let connection = try server.client.connect()
            try connection.sendHead("GET", "/fail-midway\(query)")
            let answer = connection.receiveToEnd()
            #expect(answer.status == 200)
            #expect(answer.text.contains("so far so good"))
            #expect(!answer.text.hasSuffix("0\r\n\r\n"), "the last chunk would say that all is well")
            #expect(answer.responses == 1, "no second response inside the first: \(answer.text)")
            #expect(answer.ending != .late)
            try server.waitForLog("RuntimeError: gave up midway")
            #expect(try server.answeringPid() == pid)
        }
    }

    @Test("may change its answer by exc_info as long as nothing is sent")
    func exceptionInfo() throws {
        try serve("probe:app") { server throws in
            let changed = try server.client.get("/exc-info")
            #expect(changed.status == 503)
            #expect(changed["x-reason"] == "changed")
            #expect(changed.text == "the error page")

            let connection = try server.client.connect()
            try connection.sendHead("GET", "/exc-info-late")
            let late = connection.receiveToEnd()
            #expect(late.status == 200)
            #expect(late.text.contains("already sent"))
            #expect(!late.text.contains("503"))
            #expect(!late.text.hasSuffix("0\r\n\r\n"))
            try server.waitForEvent("closed exc-info-late")
            #expect(!server.events.contains("start_response returned"))
            try server.waitForLog("RuntimeError: changed my mind too late")
        }
    }

    @Test("by SystemExit does not stop the server", arguments: [0, 1, 7])
    func systemExit(code: Int) throws {
        try serve("probe:app") { server throws in
            let connection = try server.client.connect()
            try connection.sendHead("GET", "/leave?code=\(code)")
            let answer = connection.receiveToEnd()
            #expect(answer.status == nil || answer.status == 500)
            try server.waitUntilAnswers()
            try server.waitForWorkers(1)
            #expect(try server.client.get("/").text == "Hello, world!")
            #expect(server.process.reap() == nil)
        }
    }

    @Test("writes to wsgi.errors, which is the error log: a file or the standard error", arguments: [true, false])
    func errorStream(isFile: Bool) throws {
        let directory = try TemporaryDirectory()
        let file = directory.file("error.log")
        try serve("probe:app", isFile ? ["--error-logfile", file] : [], directory: directory) { server throws in
            #expect(try server.client.get("/errors").text == "logged")
            let expected =
                "wsgi.errors: written\nwsgi.errors: line one\nwsgi.errors: line two\nwsgi.errors: printed, with é\n"
            try eventually("the lines are in the log") {
                ((isFile ? directory.text("error.log") : server.log) ?? "").contains(expected)
            }
        }
    }
}

extension [UInt8] {
    /// Whether these bytes stand somewhere among them.
    func contains(_ part: [UInt8]) -> Bool {
        guard count >= part.count else { return false }
        return (0...(count - part.count)).contains { self[$0..<($0 + part.count)].elementsEqual(part) }
    }
}
