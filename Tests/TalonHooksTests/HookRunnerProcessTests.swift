import Glibc
import TalonPlatform
import TalonTesting
import Testing

@testable import TalonHooks

/// A runner that behaves as its test says: a program in Python that speaks the frames.
private final class FakeRunner {
    let runner: HookRunnerProcess
    let directory: TemporaryDirectory

    private static let prelude = """
        import os, signal, socket, struct, sys, time
        link = socket.socket(fileno=3)
        def text(value): return struct.pack("<I", len(value.encode())) + value.encode()
        def raw(payload): link.sendall(struct.pack("<I", len(payload)) + payload)
        def hello(): raw(struct.pack("<I", 1) + text("org.fake") + text("1.2") + text("c"))
        def refuse(reason): raw(struct.pack("<I", 2) + text(reason))
        def log(message): raw(struct.pack("<Ii", 3, 1) + text(message))
        def request(kind):
            raw(struct.pack("<II", 4, kind) + text("") + text(""))
            return struct.unpack("<i", read()[4:8])[0]
        def result(status): raw(struct.pack("<Ii", 5, status))
        def exactly(size):
            data = b""
            while len(data) < size:
                part = link.recv(size - len(data))
                if not part: sys.exit(0)
                data += part
            return data
        def read(): return exactly(struct.unpack("<I", exactly(4))[0])
        def call(): return struct.unpack("<I", read()[4:8])[0]

        """

    init(_ program: String) throws {
        let directory = try TemporaryDirectory()
        self.directory = directory
        let log = ErrorLog(file: try .open(directory.file("log"), standard: .standardError), level: .debug)
        var description = PluginDescription(id: "fake.so", origin: "/p/fake.so")
        description.bindings = [.init(.childExit)]
        let text = FakeRunner.prelude + program
        runner = HookRunnerProcess(ResolvedPlugin(description, .file("/p/fake.so")), log: log) { socket in
            ProcessDescription(
                program: "/usr/bin/env", arguments: ["env", "python3", "-c", text],
                environment: ThisProcess.environment(), descriptors: [socket], parentDeathSignal: .kill)
        }
    }

    /// One that has greeted, and then does what `program` says.
    static func started(_ program: String) throws -> FakeRunner {
        Signal.pipe.ignore()
        let fake = try FakeRunner("hello()\n" + program)
        try fake.runner.start()
        return fake
    }

    func call(limit: UInt64 = 20 * nanosecondsPerSecond) -> HookOutcome {
        runner.call(.onStarting, facts, limit: limit) { request in Int32(request.kind) * 10 }.outcome
    }

    /// Lets it go on as the master's loop does, until `condition` holds.
    func turn(until condition: () -> Bool) {
        let deadline = MonotonicClock.now() + 20 * nanosecondsPerSecond
        while !condition(), MonotonicClock.now() < deadline {
            for descriptor in PollSet.wait(for: runner.descriptors, timeoutMilliseconds: 20) {
                if runner.descriptors.contains(descriptor) { runner.readable() }
            }
            runner.maintain(now: MonotonicClock.now())
        }
    }

    deinit {
        runner.retire(patience: 0)
        runner.waitForEnd()
    }
}

private let facts = HookFacts(
    server: .init(
        pid: 1, name: "app", version: "1", address: "", port: 0, workers: 1, generation: 1, startedAt: 0))

private let short = nanosecondsPerSecond / 2

@Suite struct `A hook runner` {
    @Test func `says who its plugin is`() throws {
        let fake = try FakeRunner.started("call()")
        #expect(fake.runner.id == "org.fake" && fake.runner.version == "1.2" && fake.runner.language == "c")
        #expect(fake.runner.isRunning && fake.runner.nextDeadline == nil)
    }

    @Test(
        arguments: [
            ("refuse('needs ABI 9.0')", .refused("needs ABI 9.0")),
            ("sys.exit(3)", .crashed("loading it ended its process: it exited with code 3")),
            ("os.kill(os.getpid(), 9)", .crashed("loading it ended its process: it was sent SIGKILL")),
            (
                "link.sendall(b'\\xff' * 8); time.sleep(60)",
                .crashed("loading it ended its process: it closed its socket")
            ),
        ] as [(String, HookRunnerProcess.StartFailure)])
    func `says why its plugin cannot be used`(program: String, failure: HookRunnerProcess.StartFailure) throws {
        let fake = try FakeRunner(program)
        #expect(throws: failure) { try fake.runner.start() }
        #expect(fake.runner.isGone)
    }

    @Test func `that is interrupted by a terminal while it starts has not crashed`() throws {
        let fake = try FakeRunner("signal.signal(2, signal.SIG_DFL); os.kill(os.getpid(), 2); time.sleep(60)")
        #expect(throws: HookRunnerProcess.StartFailure.notStarted("it was sent SIGINT")) { try fake.runner.start() }
    }

    @Test(
        arguments: [(0, .ok), (1, .handled), (2, .deny), (-1, .error), (-2, .retry), (7, .misbehaved(7))]
            as [(Int, HookOutcome)])
    func `answers a call`(status: Int, outcome: HookOutcome) throws {
        let fake = try FakeRunner.started("call(); result(\(status)); call()")
        #expect(fake.call() == outcome)
        #expect(fake.runner.isRunning)
    }

    @Test func `has what it requests in a call performed, and nothing between calls`() throws {
        let fake = try FakeRunner.started(
            "call(); result(request(4)); call(); result(0); log(str(request(5))); call()")
        #expect(fake.call() == .misbehaved(40))
        #expect(fake.call() == .ok)
        fake.turn { (fake.directory.text("log") ?? "").contains("[org.fake] -1") }
        #expect((fake.directory.text("log") ?? "").contains("[org.fake] -1"))
    }

    @Test func `is given calls that nobody waits for one after the other, before one that is waited for`() throws {
        let fake = try FakeRunner.started("while True: log(f'point {call()}'); time.sleep(0.01); result(0)")
        var order: [String] = []
        for number in 0..<5 {
            fake.runner.post(.childExit, facts, limit: nanosecondsPerSecond * 20, request: nobody) {
                outcome, time in
                order.append("\(number) \(outcome) \(time != nil)")
            }
        }
        #expect(order.isEmpty)
        #expect(fake.call() == .ok)
        #expect(order == (0..<5).map { "\($0) ok true" })
        let points = fake.directory.lines("log").compactMap { $0.split(separator: " ").last }
        #expect(points == ["5", "5", "5", "5", "5", "1"])
    }

    @Test func `that has answered in time is not killed because the master looks late`() throws {
        let fake = try FakeRunner.started("call(); result(0); call(); result(1); call()")
        var posted: HookOutcome?
        fake.runner.post(.childExit, facts, limit: short, request: nobody) { outcome, _ in posted = outcome }
        let due = try #require(fake.runner.nextDeadline)
        while MonotonicClock.now() <= due { _ = PollSet.wait(for: [], timeoutMilliseconds: 20) }
        #expect(fake.call() == .handled)
        #expect(posted == .ok)
    }

    @Test func `gives a call all its time from when it is its turn`() throws {
        let fake = try FakeRunner.started(
            "call(); time.sleep(0.6); result(0); call(); time.sleep(0.6); result(1); call()")
        fake.runner.post(.childExit, facts, limit: 20 * nanosecondsPerSecond, request: nobody) { _, _ in }
        #expect(fake.call(limit: nanosecondsPerSecond) == .handled)
    }

    @Test func `has no more performed than its call has time for`() throws {
        let fake = try FakeRunner.started(
            "call()\nfor _ in range(200): raw(struct.pack('<II', 4, 1) + text('') + text(''))\ntime.sleep(60)")
        var performed = 0
        let outcome = fake.runner.call(.onStarting, facts, limit: short) { _ in
            performed += 1
            _ = PollSet.wait(for: [], timeoutMilliseconds: 50)
            return 0
        }.outcome
        #expect(outcome == .timedOut)
        #expect(performed > 0 && performed <= 11)
    }

    @Test func `keeps no more than a few calls waiting`() throws {
        let fake = try FakeRunner.started("time.sleep(60)")
        var dropped = 0
        for _ in 0..<(HookRunnerProcess.waitingLimit + 11) {
            fake.runner.post(.childExit, facts, limit: .max / 4, request: nobody) { outcome, time in
                if outcome == .notRunning, time == nil { dropped += 1 }
            }
        }
        // One is under way.
        #expect(dropped == 10)
    }

    @Test func `that has calls under way for too long does not answer another in its time`() throws {
        let fake = try FakeRunner.started("call(); time.sleep(60)")
        fake.runner.post(.childExit, facts, limit: .max / 4, request: nobody) { _, _ in }
        #expect(fake.call(limit: short) == .notRunning)
        #expect(fake.runner.isRunning, "what is under way has time left")
    }

    @Test(
        arguments: [
            ("time.sleep(60)", .timedOut), ("os.kill(os.getpid(), signal.SIGSTOP)", .timedOut),
            ("while True: log('x')", .timedOut),
            ("while True: raw(struct.pack('<II', 4, 1) + text('') + text(''))", .timedOut),
            ("sys.exit(5)", .exited(5)), ("os.kill(os.getpid(), 11)", .crashed(Signal(11))),
            ("link.sendall(os.urandom(4096)[:4000] + b'\\xff' * 96); time.sleep(60)", .error),
            ("raw(struct.pack('<I', 7) + b'1234'); time.sleep(60)", .error),
            ("link.close(); os.closerange(0, 100); time.sleep(60)", .error),
            // What it leaves behind keeps the socket open.
            ("os._exit(4) if os.fork() else time.sleep(15)", .exited(4)),
        ] as [(String, HookOutcome)])
    func `that goes wrong in a call is ended, and started again`(program: String, outcome: HookOutcome) throws {
        let mark = try TemporaryDirectory()
        let fake = try FakeRunner.started(
            """
            if os.path.exists("\(mark.path)/mark"):
                while True: call(); result(0)
            open("\(mark.path)/mark", "w").close()
            call()
            \(program)
            """)
        var restarts = 0
        fake.runner.startedAgain = { restarts += 1 }
        let pid = try #require(fake.runner.pid)
        #expect(fake.call(limit: 2 * nanosecondsPerSecond) == outcome)
        #expect(!fake.runner.isRunning && !Signal(0).send(to: pid))
        #expect(fake.call() == .notRunning)
        fake.turn { restarts == 1 }
        #expect(fake.call() == .ok)
    }

    @Test func `that ends between calls is started again`() throws {
        let fake = try FakeRunner.started("sys.exit(1)")
        var restarts = 0
        fake.runner.startedAgain = { restarts += 1 }
        fake.turn { restarts == 2 }
        #expect(restarts == 2)
        #expect((fake.directory.text("log") ?? "").contains("Hook runner of plugin org.fake (pid:"))
    }

    @Test func `that hangs in a call that nobody waits for is killed in its time`() throws {
        let fake = try FakeRunner.started("call(); time.sleep(60)")
        var outcomes: [HookOutcome] = []
        for _ in 0..<2 {
            fake.runner.post(.childExit, facts, limit: short, request: nobody) { outcome, _ in
                outcomes.append(outcome)
            }
        }
        fake.turn { outcomes.count == 2 }
        #expect(outcomes == [.timedOut, .notRunning])
    }

    @Test func `may log so much and no more`() throws {
        let fake = try FakeRunner.started("call()\nfor i in range(3000): log('x')\nresult(0)\ncall()")
        #expect(fake.call() == .ok)
        let lines = fake.directory.lines("log")
        let tooMany = lines.filter { $0.contains("logs more than") }.count
        // It may have taken more than one second.
        #expect(tooMany >= 1 && lines.count <= tooMany * (LogQuota.linesPerSecond + 1) + LogQuota.linesPerSecond)
    }

    @Test func `ends in good order when it is told to`() throws {
        let fake = try FakeRunner.started("call()")
        let pid = try #require(fake.runner.pid)
        fake.runner.retire(patience: 20 * nanosecondsPerSecond)
        #expect(!fake.runner.isRunning && fake.call() == .notRunning)
        fake.turn { fake.runner.isGone }
        #expect(fake.runner.isGone && fake.runner.nextDeadline == nil && !Signal(0).send(to: pid))
    }

    @Test func `is killed when it does not end in its time`() throws {
        let fake = try FakeRunner.started("time.sleep(60)")
        let pid = try #require(fake.runner.pid)
        fake.runner.retire(patience: short)
        #expect(fake.runner.pid == pid)
        fake.turn { fake.runner.isGone }
        #expect(fake.runner.isGone && !Signal(0).send(to: pid))
    }
}

/// Does nothing that a plugin requests.
private func nobody(_ request: HostRequest) -> Int32 { -1 }
