import Glibc
import TalonPlatform
import TalonTesting
import Testing

@Suite(.serialized) struct `talon ctl top` {
    @Test func `prints one picture where there is no terminal`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", "--threads", "4", in: directory, workers: 2) { server in
            let load = try Load(server.endpoint)
            try eventually("answers") { load.answers > 10 }
            let held = try HeldRequest(server, "a")
            let result = try server.ctl("top")
            #expect(result.end == .exited(0))
            let lines = result.output.split(separator: "\n").map(String.init)
            #expect(lines.first?.hasPrefix("talon ") == true && lines.first?.contains("pid \(server.pid)") == true)
            #expect(result.output.contains("workers 2/2 ready") && result.output.contains("/8 threads"))
            let picture = try server.ctlJSON("top")
            #expect((picture["requests_per_second"]?.double ?? 0) > 0, "\(picture.encoded)")
            let quantiles = ["p50_seconds", "p99_seconds"].compactMap { picture[$0]?.double }
            #expect(quantiles.count == 2 && quantiles[0] > 0 && quantiles[1] >= quantiles[0])
            let workers = try #require(picture["workers"]?.elements)
            let rates = workers.compactMap { $0["requests_per_second"]?.double }
            #expect(rates.count == 2 && rates.reduce(0, +) > 0)
            let busy = workers.first { $0["pid"]?.integer == Int(held.worker) }
            #expect((busy?["running"]?.elements?.count ?? 0) >= 1)
            try load.stop()
            try held.release()
            _ = try held.response()
        }
    }

    /// Runs it in a terminal of 80 columns and 24 rows, and ends it by a key or a signal after two pictures.
    private static let script = """
        import fcntl, os, pty, select, signal, struct, sys, termios, time
        program, ending = sys.argv[1:3]
        pid, terminal = pty.fork()
        if pid == 0:
            os.execv(program, [program, "ctl", "top"])
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        output, told, deadline = b"", False, time.monotonic() + 50
        before = termios.tcgetattr(terminal)[3]
        while time.monotonic() < deadline:
            try:
                if select.select([terminal], [], [], 1)[0]:
                    output += os.read(terminal, 65536)
            except OSError:
                break
            if not told and output.count(b"req/s") >= 2:
                told = True
                during = termios.tcgetattr(terminal)[3]
                if ending == "q": os.write(terminal, b"q")
                else: os.kill(pid, int(ending))
            if told and output.endswith(b"[?1049l"): break
        _, status = os.waitpid(pid, 0)
        after = termios.tcgetattr(terminal)[3]
        assert during & termios.ECHO == 0 and during & termios.ICANON == 0
        assert before == after, (before, after)
        assert os.waitstatus_to_exitcode(status) == 0, status
        assert output.startswith(b"\\x1b[?1049h") and output.endswith(b"\\x1b[?1049l")
        for picture in output.split(b"\\x1b[H")[1:]:
            lines = picture.split(b"\\x1b[J")[0].split(b"\\r\\n")
            assert len(lines) <= 24 and all(len(line.replace(b"\\x1b[K", b"").decode()) <= 80 for line in lines)
        print("fine")
        """

    @Test(arguments: ["q", "\(SIGTERM)", "\(SIGINT)"])
    func `shows pictures that fit, and leaves the terminal as it was`(ending: String) throws {
        let directory = try applicationDirectory()
        try serving("app:app", in: directory) { server in
            let result = try run(
                "/usr/bin/python3", ["-c", Self.script, try TestEnvironment.binary(), ending],
                environment: ["PATH": "/usr/bin:/bin", "HOME": directory.path, "TERM": "xterm"])
            #expect(result.output == "fine\n", "\(result.error)")
        }
    }
}
