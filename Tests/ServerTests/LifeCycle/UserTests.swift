import Glibc
import TalonTesting
import Testing

/// Needs root, and that another user may run what is tested.
@Suite(.serialized, .enabled(if: UserTests.canRun, "needs root, and nobody must reach the build"))
struct `Another user` {
    private func directory() throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        try directory.write(
            """
            import os
            def app(environ, start_response):
                body = f"{os.getresuid()} {os.getresgid()} {sorted(os.getgroups())}".encode()
                start_response("200 OK", [("Content-Length", str(len(body)))])
                return [body]

            """, to: "app.py")
        chmod(directory.path, 0o755)
        return directory
    }

    private func owner(of path: String) -> uid_t? {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_uid : nil
    }

    @Test func `is who workers and exporter run as, and the master stays`() throws {
        let directory = try directory()
        let (user, group) = (UserTests.user, UserTests.group)
        try serving(
            "app:app", "-u", "nobody", "--access-logfile", directory.file("access.log"), "--error-logfile",
            directory.file("error.log"), in: directory
        ) { server in
            let expected = "(\(user), \(user), \(user)) (\(group), \(group), \(group)) [\(group)]"
            #expect(try server.client.get("/").text == expected)
            let master = try #require(server.master)
            #expect(master.status("Uid")?.hasPrefix("0\t") == true)
            #expect(try server.exporter().status("Uid")?.hasPrefix("\(user)\t") == true)
            #expect(owner(of: directory.file("access.log")) == user)
            #expect(owner(of: directory.file("error.log")) == user)
            #expect(owner(of: directory.file("metrics")) == user)

            // Who takes its slot opens the same files.
            let worker = try #require(server.workers().first)
            worker.signal(SIGKILL)
            try eventually("another worker serves") {
                server.workers().contains { $0.pid != worker.pid && $0.catches(SIGTERM) }
            }
            _ = try server.client.get("/")
            try eventually("both count") { try server.metrics().sum("gunicorn_worker_requests_total") >= 2 }

            rename(directory.file("access.log"), directory.file("access.1"))
            rename(directory.file("error.log"), directory.file("error.1"))
            server.signal(SIGUSR1)
            try eventually("a request is in the new access log") {
                _ = try server.client.get("/")
                return directory.text("access.log")?.contains("GET /") == true
            }
            #expect(owner(of: directory.file("error.log")) == user)
            #expect(!(directory.text("error.1") ?? "").contains("PermissionError"))
        }
    }

    @Test func `gets the unix socket, with the rights that the umask leaves`() throws {
        let directory = try directory()
        let path = directory.file("web.sock")
        try starting("app:app", "-u", "nobody", "-m", "0117", "-b", "unix:\(path)", in: directory) { server in
            try server.waitUntilAnswers(at: .unix(path))
            var status = stat()
            #expect(lstat(path, &status) == 0 && status.st_mode & 0o777 == 0o660)
            #expect(status.st_uid == UserTests.user && status.st_gid == UserTests.group)
        }
    }

    @Test func `has its other groups with --initgroups, and may be given by number`() throws {
        let directory = try directory()
        let user = UserTests.user
        try serving("app:app", "-u", "\(user)", "-g", "1", "--initgroups", in: directory) { server in
            let answer = try server.client.get("/")
            #expect(answer.text.hasPrefix("(\(user), \(user), \(user)) (1, 1, 1) [1"), "\(answer.text)")
        }
    }

    @Test func `that is not there ends the start with 1`() throws {
        let directory = try directory()
        for (flag, kind) in [("-u", "user"), ("-g", "group")] {
            let result = try talon(
                "app:app", flag, "who-is-this", "--python", try TestEnvironment.python(), in: directory)
            #expect(result.status == 1)
            #expect(result.error.contains("No such \(kind): 'who-is-this'"))
        }
    }
}

private enum UserTests {
    static let user: uid_t = getpwnam("nobody")?.pointee.pw_uid ?? 65534
    static let group: gid_t = getpwnam("nobody")?.pointee.pw_gid ?? 65534

    static let canRun: Bool = {
        guard geteuid() == 0, let binary = try? TestEnvironment.binary(), let python = try? TestEnvironment.python()
        else { return false }
        return [binary, python].allSatisfy { program in
            let arguments = ["-u", "nobody", "--", program, "--version"]
            return (try? run("/usr/sbin/runuser", arguments))?.status == 0
        }
    }()
}
