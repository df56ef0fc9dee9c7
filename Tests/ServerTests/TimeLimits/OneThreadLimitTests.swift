import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `A request that is stuck in a worker of one thread` {
    private func serve(_ body: (TalonServer, TemporaryDirectory) throws -> Void) throws {
        let directory = try stuckDirectory()
        try serving("app:app", "-t", "2", "--access-logfile", directory.file("access"), in: directory) {
            try body($0, directory)
        }
    }

    @Test(arguments: [("/sleep", "stuck_in_sleep"), ("/loop", "stuck_in_loop")])
    func `in Python is answered with 500, with its stack in the log and an access line`(
        path: String, function: String
    ) throws {
        try serve { server, directory in
            let (connection, worker) = try server.begin(path, "stuck")
            #expect(try connection.receive().status == 500)
            try server.waitForLog("[CRITICAL] WORKER TIMEOUT (pid:\(worker))")
            try server.waitForLog("[WARNING] Worker (pid:\(worker)) GET \(path) is over its time limit: ")
            try server.waitForLog("in \(function)")
            // The answer is out before its line is written.
            let lines = try eventually("an access line") {
                let lines = directory.lines("access").filter { $0.contains("\"GET \(path)?stuck ") }
                return lines.isEmpty ? nil : lines
            }
            #expect(lines.count == 1 && lines.first?.contains("\" 500 ") == true, "\(lines)")
        }
    }

    @Test func `in C ends with its process, and the master writes the access line`() throws {
        try serve { server, directory in
            let (connection, worker) = try server.begin("/c", "stuck")
            #expect(throws: HTTPFailure.self) { try connection.receive() }
            try server.waitForLog("in stuck_in_c")
            let record = try server.waitForLog("Worker exit: pid=\(worker) ")
            #expect(record.contains("reason=timeout signal=SIGKILL"))
            #expect(record.contains("request=\"GET /c application "))
            try eventually("an access line") {
                let lines = directory.lines("access").filter { $0.contains("\"GET /c HTTP/1.1\" 504 0 ") }
                return lines.count == 1
            }
        }
    }
}
