import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `D22: a storm of ABRT` {
    @Test(arguments: ["1", "4"])
    func `on workers that answer requests deadlocks nobody, and each end is counted`(threads: String) throws {
        let directory = try applicationDirectory()
        try serving("app:app", "--threads", threads, in: directory, workers: 2) { server in
            let load = try Load(server.endpoint, clients: 4)
            let rounds = 4
            for _ in 0..<rounds {
                let workers = server.workers()
                let answered = load.answers
                try eventually("requests are answered") { load.answers > answered }
                // The first is enough; the others fall into what it has begun.
                for _ in 0..<10 { for worker in workers { worker.signal(SIGABRT) } }
                try eventually("both are gone") { !workers.contains(where: \.isCurrent) }
                try server.waitUntilReady(workers: 2)
            }
            let answered = load.answers
            try eventually("requests are answered") { load.answers > answered }
            // Requests of workers that were aborted are lost, so failures there may be.
            try load.stop()
            let ends = try server.ends()
            #expect(ends.exits == ["abort": Double(2 * rounds)])
            #expect(ends.restarts == ["abort forced": Double(2 * rounds)])
        }
    }

    @Test func `ends an idle worker too, however many threads it has`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", "--threads", "4", in: directory, workers: 2) { server in
            try server.expect("abort", "forced", ends: 2) {
                for worker in server.workers() { worker.signal(SIGABRT) }
            }
        }
    }
}
