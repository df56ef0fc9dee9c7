import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `What workers leave behind` {
    /// A process that the application has started.
    private func start(_ target: String, on server: TalonServer) throws -> ProcessEntry {
        let text = try server.client.get(target).text
        return try eventually("process \(text) runs") { Int32(text).flatMap { ProcessEntry($0) } }
    }

    private func isAlive(_ entry: ProcessEntry) -> Bool {
        ProcessEntry(entry.pid).map { $0.start == entry.start && $0.isAlive } ?? false
    }

    @Test(arguments: ["/leave?polite", "/child"])
    func `outlives a worker and a reload, and ends with the server`(target: String) throws {
        let directory = try applicationDirectory()
        try serving("app:app", in: directory) { server in
            let left = try start(target, on: server)
            for signal in [SIGTERM, SIGKILL] {
                let worker = server.workers()[0]
                worker.signal(signal)
                try eventually("another worker answers") {
                    (try? server.client.get("/pid").text).flatMap { Int32($0) }.map { $0 != worker.pid } ?? false
                }
            }
            server.signal(SIGHUP)
            try server.waitForLog("Reloaded: the workers of generation 2 serve")
            try server.waitForWorkers(1)
            try eventually("the master has adopted it") { ProcessEntry(left.pid)?.parent == server.pid }
            #expect(isAlive(left))
            server.signal(SIGTERM)
            #expect(try server.waitForExit() == .exited(0))
            #expect(!isAlive(left))
            #expect(server.log.contains("Processes that the workers left behind get SIGTERM: pid:\(left.pid)"))
            #expect(!server.log.contains("SIGKILL: pid:\(left.pid)"))
        }
    }

    @Test func `is killed when TERM does not end it, with what it has started itself`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", in: directory) { server in
            let stubborn = try start("/leave?stubborn", on: server)
            server.signal(SIGTERM)
            #expect(try server.waitForExit(within: .seconds(40)) == .exited(0))
            #expect(!isAlive(stubborn))
            #expect(server.log.contains("SIGKILL: pid:\(stubborn.pid)"))
            #expect(server.descendants().isEmpty)
        }
    }

    @Test func `is killed at once when somebody is in a hurry`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", in: directory) { server in
            let stubborn = try start("/leave?stubborn", on: server)
            server.signal(SIGTERM)
            try server.waitForLog("left behind get SIGTERM: pid:\(stubborn.pid)")
            server.signal(SIGINT)
            #expect(try server.waitForExit(within: .seconds(40)) == .exited(0))
            #expect(!isAlive(stubborn))
        }
    }

    @Test func `is reaped without a word, whatever its exit code`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", in: directory) { server in
            let before = server.workerPids()
            for _ in 0..<3 { _ = try server.client.get("/leave?three") }
            try eventually("no child of the master waits to be reaped") {
                !ProcessTable.all().contains { $0.parent == server.pid && !$0.isAlive }
            }
            #expect(server.workerPids() == before)
            #expect(try server.client.get("/").text == "ok")
            #expect(!server.log.contains("[WARNING]") && !server.log.contains("[ERROR]"))
        }
    }
}
