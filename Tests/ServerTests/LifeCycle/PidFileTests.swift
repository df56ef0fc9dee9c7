import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `The pid file` {
    @Test func `may be read by everybody, whatever the umask, and is written again at HUP`() throws {
        let directory = try applicationDirectory()
        let path = directory.file("talon.pid")
        var options = TalonServer.Options()
        options.launcher = ["/bin/sh", "-c", "umask 077; exec \"$@\"", "sh"]
        try starting("app:app", "--pid", path, in: directory, options: options) { server in
            try server.waitUntilReady()
            var status = stat()
            #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o644)
            unlink(path)
            server.signal(SIGHUP)
            try eventually("the file is there again") { Files.text(path) == "\(server.pid)\n" }
            #expect(Files.names(in: directory.path).filter { $0.hasPrefix("talon.pid") } == ["talon.pid"])
            server.signal(SIGTERM)
            #expect(try server.waitForExit() == .exited(0))
            #expect(!Files.exists(path))
        }
    }

    @Test(arguments: ["", "garbage", "-1", "0", "99999999999"])
    func `that names no process is taken over`(content: String) throws {
        let directory = try applicationDirectory()
        let path = try directory.write(content, to: "talon.pid")
        try serving("app:app", "--pid", path, in: directory) { server in
            #expect(Files.text(path) == "\(server.pid)\n")
        }
    }
}
