import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `In a list of processes` {
    @Test func `stands what each is, and the application's name`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", in: directory, workers: 2) { server in
            #expect(server.master?.commandLine == "talon: master [app:app]")
            for worker in server.workers() {
                #expect(worker.commandLine == "talon: worker [app:app]")
                #expect(worker.status("Name") == "talon: worker")
                // The environment in the process table is what it was.
                #expect(worker.environment.contains("HOME=\(directory.path)"))
            }
        }
    }

    @Test func `stands the name of --name, however long`() throws {
        let directory = try applicationDirectory()
        let name = String(repeating: "shop ", count: 30)
        try serving("app:app", "-n", name, in: directory) { server in
            #expect(server.master?.commandLine == "talon: master [\(name)]")
            #expect(server.workers().first?.commandLine == "talon: worker [\(name)]")
        }
    }

    @Test func `a name cannot forge another line`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", "-n", "a\nb", in: directory) { server in
            #expect(server.master?.commandLine == "talon: master [a\\x0ab]")
        }
    }
}
