import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `A signal to the master` {
    @Test func `WINCH is ignored at debug level unless it runs in the background`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", "--log-level", "debug", in: directory) { server in
            let before = server.workerPids()
            server.signal(SIGWINCH)
            let line = try server.waitForLog("SIGWINCH ignored. Not daemonized")
            #expect(line.contains("[DEBUG]"))
            #expect(try server.client.get("/").text == "ok")
            #expect(server.workerPids() == before)
        }
    }

    @Test func `USR1 has every process write to new log files`() throws {
        let directory = try applicationDirectory()
        let log = directory.file("error.log")
        try serving(
            "app:app", "--error-logfile", log, "--access-logfile", directory.file("access.log"), in: directory,
            workers: 2
        ) { server in
            rename(log, directory.file("error.1"))
            rename(directory.file("access.log"), directory.file("access.1"))
            server.signal(SIGUSR1)
            try eventually("no process of the server writes to an old file") {
                let all = [server.master].compactMap { $0 } + server.workers() + [try server.exporter()]
                return all.allSatisfy { entry in
                    let open = entry.descriptors.values
                    return open.contains(log) && !open.contains { $0.hasSuffix("error.1") || $0.hasSuffix("access.1") }
                }
            }
        }
    }
}
