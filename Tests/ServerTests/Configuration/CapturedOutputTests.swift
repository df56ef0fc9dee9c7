import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `capture_output` {
    private static let application = """
        import os, sys
        print("imported", flush=True)
        def app(environ, start_response):
            print("out", environ["PATH_INFO"], flush=True)
            sys.stderr.write("err\\n")
            os.system("echo child")
            start_response("200 OK", [("Content-Length", "2")])
            return [b"ok"]
        """

    @Test(arguments: [[], ["--preload"]]) func `writes what the application prints to the error log`(options: [String])
        throws
    {
        let directory = try TemporaryDirectory()
        try directory.write(Self.application, to: "app.py")
        let files = ["--capture-output", "--error-logfile", "error.log"]
        let server = try TalonServer(["app:app"] + files + options, in: directory)
        try server.waitUntilReady()
        func expectLines(_ path: String) throws {
            _ = try server.client.get(path)
            try eventually("what was printed is in the log") {
                let lines = directory.lines("error.log")
                return lines.contains("out \(path)") && lines.contains("err") && lines.contains("child")
            }
        }
        try expectLines("/before")
        #expect(directory.lines("error.log").contains("imported"))
        rename(directory.file("error.log"), directory.file("old.log"))
        server.signal(SIGUSR1)
        try eventually("the worker writes to the new file") {
            _ = try server.client.get("/again")
            return directory.lines("error.log").contains("out /again")
        }
        try expectLines("/after")
        #expect(server.standardOutput.isEmpty && server.log.isEmpty)
        try server.stop()
    }

    @Test func `does nothing when the log is the standard error`() throws {
        let directory = try TemporaryDirectory()
        try directory.write(Self.application, to: "app.py")
        try serving("app:app", "--capture-output", in: directory) { server in
            try eventually("the standard output is itself") { server.standardOutput.contains("out /\n") }
            #expect(!server.log.contains("out /\n"))
        }
    }
}
