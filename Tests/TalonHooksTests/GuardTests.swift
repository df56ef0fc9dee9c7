import Glibc
import TalonTesting
import Testing

@testable import TalonHooks

@Suite struct `A guarded call` {
    /// What a crash that was contained leaves behind.
    private func contained(_ signal: Int32) -> String {
        """
        contained \(signal) tainted 1 outside 1 blocked 0
        record 1 1 1
        then 0 7

        """
    }

    private static var crashes: [(String, Int32)] {
        var crashes = [
            ("segv", SIGSEGV), ("bus", SIGBUS), ("ill", SIGILL), ("abort", SIGABRT), ("overflow", SIGSEGV),
            ("overflow in a thread", SIGSEGV), ("after the host", SIGSEGV), ("mask", SIGSEGV),
        ]
        #if arch(x86_64)
        crashes.append(("fpe", SIGFPE))  // elsewhere a division by zero has a result
        #endif
        return crashes
    }

    @Test(arguments: crashes) func `comes back from a crash`(name: String, signal: Int32) throws {
        let result = try GuardDriver.run(name)
        #expect(result.output == contained(signal))
        #expect(result.end == .exited(0))
    }

    @Test func `comes back once in the life of a process`() throws {
        let result = try GuardDriver.run("twice")
        #expect(result.output == contained(SIGSEGV))
        #if arch(x86_64)
        #expect(result.end == .signaled(SIGFPE))
        #endif
    }

    @Test(
        arguments: [
            ("two at once", SIGSEGV), ("in the host", SIGSEGV), ("inline", SIGSEGV), ("outside", SIGSEGV),
            ("abort outside", SIGABRT), ("nested inline", SIGSEGV),
        ])
    func `leaves a crash that is not the plugin's alone, or not the first, to kill the process`(
        name: String, signal: Int32
    ) throws {
        let result = try GuardDriver.run(name)
        #expect(result.end == .signaled(signal))
        #expect(result.output.isEmpty)
    }

    @Test(arguments: [("killed by abort", SIGABRT), ("segv sent", SIGSEGV)])
    func `is ended by a signal from elsewhere`(name: String, signal: Int32) throws {
        let result = try GuardDriver.run(name)
        #expect(result.end == .signaled(signal))
        #expect(result.output.isEmpty)
    }

    @Test func `leaves a signal from elsewhere to the handler that was there before`() throws {
        let result = try GuardDriver.run("earlier, sent")
        #expect(result.output == "earlier \(SIGABRT) from a process 1\nwent on 0 5\n" + contained(SIGSEGV))
        #expect(result.end == .exited(0))
    }

    @Test func `leaves a second crash to the handler that was there before`() throws {
        let result = try GuardDriver.run("earlier, second crash")
        #expect(result.output == contained(SIGABRT) + "earlier \(SIGSEGV) from a process 0\n")
        #expect(result.end == .exited(3))
    }

    @Test func `inside a call of another plugin comes back to that one`() throws {
        let result = try GuardDriver.run("nested")
        #expect(result.output == "signal 0 status 9\nafter 0 tainted 1 outside 1 blocked 0\n")
        #expect(result.end == .exited(0))
    }

    @Test func `does not come back in a process that the plugin forked`() throws {
        let result = try GuardDriver.run("fork")
        #expect(result.output == "signal 0 status \(SIGSEGV)\nafter 0 tainted 0 outside 1 blocked 0\n")
        #expect(result.end == .exited(0))
    }

    @Test func `gives each thread a stack for signals, and takes it back`() throws {
        let result = try GuardDriver.run("threads")
        #expect(result.output == "more mappings 0\n")
        #expect(result.end == .exited(0))
    }

    @Test func `keeps the stack for signals that the thread has`() throws {
        let result = try GuardDriver.run("own stack")
        #expect(result.output == contained(SIGSEGV) + "kept 1\n")
    }

    @Test func `lets plain C log a line to the host of the call`() throws {
        #expect(try GuardDriver.run("log line").output == "host 1 a line\nhost 1 a line\n")
    }
}
