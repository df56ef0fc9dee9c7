import CTalonPlatform
import Glibc
import Synchronization
import TalonTesting
import Testing

@testable import TalonPlatform

/// Swift Testing has an `ExitStatus` too.
private typealias ExitStatus = TalonPlatform.ExitStatus

/// A child that another thread started.
private final class Nursery: Sendable {
    private let started = Mutex<ChildProcess?>(nil)

    var child: ChildProcess? { started.withLock { $0 } }

    func take(_ child: ChildProcess?) { started.withLock { $0 = child } }
}

@Suite struct `A child process` {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// A shell that runs `script` with $OUT as the file for its answer. It has no death signal, which would come when
    /// the thread of the test ends.
    private func shell(
        _ script: String, descriptors: [FileDescriptor] = [], directory start: String? = nil
    ) -> ProcessDescription {
        ProcessDescription(
            program: "/bin/sh", arguments: ["sh", "-c", script],
            environment: [("PATH", "/usr/bin:/bin"), ("OUT", directory.file("out")), ("EMPTY", "")],
            directory: start, descriptors: descriptors, parentDeathSignal: Signal(0))
    }

    /// Waits for its end.
    private func end(_ description: ProcessDescription) throws -> ExitStatus {
        let child = try ChildProcess.spawn(description)
        #expect(child.descriptor.waitUntil(POLLIN, timeoutMilliseconds: 60_000))
        return try #require(child.reap())
    }

    /// What the script wrote into $OUT.
    private func answer(
        _ script: String, descriptors: [FileDescriptor] = [], directory start: String? = nil
    ) throws -> [String] {
        #expect(try end(shell(script, descriptors: descriptors, directory: start)) == .exited(0))
        return directory.lines("out")
    }

    /// A file that is open under this name.
    private func open(_ name: String) throws -> FileDescriptor {
        try FileDescriptor.open(directory.write(name, to: name), flags: O_RDONLY)
    }

    // ls(1) has one descriptor more: that of the folder it lists.
    private let list = "ls -l /proc/self/fd > $OUT.ls; sed -n 's|.* \\([0-9]*\\) -> \\(.*\\)|\\1 \\2|p' $OUT.ls > $OUT"

    @Test func `gets the descriptors that are listed, in order, and no others`() throws {
        let stray = try open("stray")
        let files = try ["a", "b", "c"].map(open)
        // A descriptor that a library left open without close-on-exec.
        #expect(talon_set_close_on_exec(stray.rawValue, 0) == 0)
        defer { for file in files + [stray] { file.close() } }
        let open = try answer(list, descriptors: files)
        let mine = open.filter { !["0", "1", "2"].contains($0.prefix { $0 != " " }) && !$0.contains("/proc/") }
        #expect(mine == ["3 \(directory.path)/a", "4 \(directory.path)/b", "5 \(directory.path)/c"])
    }

    @Test func `gets them in order even if their numbers stand in each other's way`() throws {
        // The higher first, and one twice: target numbers are sources of others.
        let files = try (0..<6).map { try open("f\($0)") }
        defer { for file in files { file.close() } }
        let order = [5, 4, 3, 2, 1, 0, 0, 5]
        let script = "for n in 3 4 5 6 7 8 9; do cat <&$n >> $OUT; echo >> $OUT; done; readlink /proc/$$/fd/10 >> $OUT"
        let read = try answer(script, descriptors: order.map { files[$0] })
        // The same open file is read to its end the first time.
        #expect(read.prefix(6) == ["f5", "f4", "f3", "f2", "f1", "f0"])
        #expect(read.last == "\(directory.path)/f5")
    }

    @Test func `blocks and ignores no signal, whatever its parent does`() throws {
        Signal.pipe.ignore()
        var blocked = sigset_t()
        var before = sigset_t()
        sigemptyset(&blocked)
        for signal in [SIGUSR1, SIGTERM, SIGCHLD] { sigaddset(&blocked, signal) }
        pthread_sigmask(SIG_BLOCK, &blocked, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        let lines = try answer("grep '^Sig[BI]' /proc/self/status > $OUT")
        let masks = lines.compactMap { $0.split(separator: "\t").last.flatMap { UInt64($0, radix: 16) } }
        // Signals 32 and 33 are libc's own; it lets nobody set them, and who started the tests may ignore them.
        #expect(masks.map { $0 & ~(3 << 31) } == [0, 0])
    }

    @Test func `gets the arguments and the environment that are listed, and no others`() throws {
        let description = ProcessDescription(
            program: "/bin/sh", arguments: ["name", "-c", "echo \"$0|$1|$#\" > $OUT; env >> $OUT", "zero", "", "two"],
            environment: [("OUT", directory.file("out")), ("A", "b=c"), ("EMPTY", "")],
            descriptors: [], parentDeathSignal: Signal(0))
        #expect(try end(description) == .exited(0))
        #expect(directory.lines("out").first == "zero||2")
        #expect(Set(directory.lines("out").dropFirst()).isSuperset(of: ["A=b=c", "EMPTY="]))
        #expect(!directory.lines("out").contains { $0.hasPrefix("HOME=") || $0.hasPrefix("PATH=") })
    }

    @Test func `starts where it is told to`() throws {
        #expect(try answer("pwd > $OUT", directory: directory.path) == [directory.path])
        #expect(try answer("pwd > $OUT") == [ThisProcess.directory])
    }

    @Test func `is told of its parent's death`() throws {
        // prctl(2): the parent is the thread that forked.
        var description = shell("exec sleep 60")
        description.parentDeathSignal = .terminate
        let nursery = Nursery()
        let started = SystemThread.start { [description] in nursery.take(try? ChildProcess.spawn(description)) }
        try #require(started)
        let child = try eventually("the child is there") { nursery.child }
        #expect(child.descriptor.waitUntil(POLLIN, timeoutMilliseconds: 30_000))
        #expect(child.reap() == .signaled(.terminate))
    }

    @Test(
        arguments: [
            ("exit 0", .exited(0)), ("exit 3", .exited(3)), ("exit 255", .exited(255)),
            ("kill -KILL $$", .signaled(.kill)), ("kill -TERM $$", .signaled(.terminate)),
            ("kill -SEGV $$", .signaled(Signal(11))),
        ] as [(String, ExitStatus)])
    func `says how it ended`(script: String, status: TalonPlatform.ExitStatus) throws {
        // Core files are for those who want them.
        #expect(try end(shell("ulimit -c 0; " + script)) == status)
    }

    @Test func `has not ended while it runs, and its descriptor is readable when it has`() throws {
        let (ours, theirs) = try SocketPair.open()
        defer { ours.close() }
        let child = try ChildProcess.spawn(shell("read line <&3", descriptors: [theirs]))
        theirs.close()
        #expect(child.reap() == nil)
        #expect(!child.descriptor.waitUntil(POLLIN, timeoutMilliseconds: 0))
        ours.writeAll(Array("go\n".utf8))
        #expect(child.descriptor.waitUntil(POLLIN, timeoutMilliseconds: 60_000))
        #expect(child.reap() == .exited(0))
        // The pid is free; nobody else is reaped by it.
        #expect(child.reap() == nil)
    }

    @Test func `is gone after it was killed and reaped`() throws {
        let child = try ChildProcess.spawn(shell("trap '' TERM INT; exec sleep 60"))
        child.killAndReap()
        #expect(ProcessEntry(child.pid)?.parent != ThisProcess.pid)
    }

    @Test func `that cannot be started says why`() throws {
        func failure(_ program: String, directory start: String? = nil) throws -> SystemError {
            var description = shell("", directory: start)
            description.program = program
            return try #require(throws: SystemError.self) { try ChildProcess.spawn(description) }
        }
        let plain = try directory.write("#!/bin/sh\n", to: "plain")
        let garbage = try directory.write("garbage", to: "garbage")
        chmod(garbage, 0o755)
        #expect(try failure("/nope/program").errno == ENOENT)
        #expect(try failure("/nope/program").description == "exec /nope/program: No such file or directory")
        #expect(try failure(plain).errno == EACCES)
        #expect(try failure(directory.path).errno == EACCES)
        // ETXTBSY while a child of another test, between fork and exec, has the file as it was written.
        try eventually("ENOEXEC") { try failure(garbage).errno == ENOEXEC }
        #expect(try failure("/bin/sh", directory: "/nope").errno == ENOENT)
    }

    @Test func `that cannot be started leaves neither a process nor descriptors`() throws {
        var description = shell("")
        description.program = "/nope"
        let (ours, theirs) = try SocketPair.open()
        defer { ours.close() }
        description.descriptors = [theirs]
        description.handedOver = [theirs]
        #expect(throws: SystemError.self) { try ChildProcess.spawn(description) }
        // What was handed over is closed, in the child too: the other end says so.
        #expect(ours.waitUntil(POLLIN, timeoutMilliseconds: 60_000))
        var bytes: [UInt8] = []
        #expect(try ours.read(upTo: 1, into: &bytes) == 0)
    }

    @Test(
        arguments: [
            (.exited(3), "exited with code 3"), (.signaled(.kill), "was sent SIGKILL"),
            (.signaled(Signal(40)), "was sent SIG 40"),
        ] as [(TalonPlatform.ExitStatus, String)])
    func `is described`(status: TalonPlatform.ExitStatus, phrase: String) {
        #expect(status.phrase == phrase)
    }
}

@Suite struct `A signal` {
    @Test(
        arguments: [
            (.hangup, "SIGHUP", "hup"), (.interrupt, "SIGINT", "int"), (.quit, "SIGQUIT", "quit"),
            (.kill, "SIGKILL", "kill"), (.terminate, "SIGTERM", "term"), (.user1, "SIGUSR1", "usr1"),
            (.child, "SIGCHLD", "chld"), (.ttyIn, "SIGTTIN", "ttin"), (.ttyOut, "SIGTTOU", "ttou"),
            (.windowChange, "SIGWINCH", "winch"), (Signal(40), "SIG 40", "40"), (Signal(0), "SIG 0", "0"),
        ] as [(Signal, String, String)])
    func `has a name`(signal: Signal, name: String, short: String) {
        #expect(signal.name == name)
        #expect(signal.shortName == short)
    }

    @Test func `of number 0 finds out whether a process is there`() {
        #expect(Signal(0).reaches(ThisProcess.pid))
        #expect(Signal(0).reaches(1))
        #expect(!Signal(0).reaches(Int32.max))
        #expect(!Signal(0).send(to: Int32.max))
    }
}
