import TalonHooks
import TalonPlatform
import TalonSettings
import TalonTesting
import Testing

@testable import TalonMaster

/// An inspection whose inspector is a program in Python.
private func inspection(
    _ program: String, entries: [String] = ["a.so"], folders: [String] = [], limit: UInt64 = 20
) -> PluginInspection {
    let query = PluginQuery(
        entries: entries, folders: folders, policy: .allowUnverified, trustFolders: [], stateFolder: "/state")
    let prelude = """
        import os, socket, struct, sys, time
        link = socket.socket(fileno=4)
        def text(value): return struct.pack("<I", len(value.encode())) + value.encode()
        def say(payload): link.sendall(struct.pack("<I", len(payload)) + payload)
        def done(): say(struct.pack("<I", 0))

        """
    return PluginInspection(
        tool: "/lib/talon-plugin", query: query,
        describe: { query, socket throws(SystemError) in
            let question = try SealedFile.create(name: "query", contents: query.encoded)
            return ProcessDescription(
                program: "/usr/bin/env", arguments: ["env", "python3", "-c", prelude + program],
                environment: ThisProcess.environment(), descriptors: [question, socket], handedOver: [question],
                parentDeathSignal: .kill)
        }, limit: limit * nanosecondsPerSecond)
}

@Suite struct `The inspection of plugins` {
    @Test func `gives what the inspector found, and passes on the question`() throws {
        let program = """
            say(struct.pack("<I", 3) + text("/a.so") + text("is no ELF file") + struct.pack("<I", 1))
            say(struct.pack("<I", 4) + text("a.so" if b"a.so" in os.pread(3, 4096, 0) else "nothing"))
            done()
            """
        #expect(
            try inspection(program).run() == [
                .refused(origin: "/a.so", reason: "is no ELF file", isNamed: true), .remark("a.so"),
            ])
    }

    @Test(
        arguments: [
            ("sys.exit(3)", "exited with code 3 before it was done"),
            ("os.kill(os.getpid(), 11)", "was sent SIGSEGV before it was done"),
            ("link.sendall(b'\\xff' * 8); time.sleep(60)", "answered nonsense; install Talon anew"),
            ("say(struct.pack('<I', 77)); done()", "answered nonsense; install Talon anew"),
            ("time.sleep(60)", "did not answer within 2 s"),
        ])
    func `says what is wrong with the inspector`(program: String, reason: String) {
        let failure = #expect(throws: PluginInspection.Failure.self) { try inspection(program, limit: 2).run() }
        #expect(failure?.reason == "the plugin inspector /lib/talon-plugin \(reason)")
    }

    @Test func `starts nobody when there is nothing to look at`() throws {
        let directory = try TemporaryDirectory()
        let folders = [directory.path, directory.file("missing")]
        #expect(try inspection("sys.exit(3)", entries: [], folders: folders).run().isEmpty)
        try directory.write("", to: "something")
        #expect(throws: PluginInspection.Failure.self) {
            try inspection("sys.exit(3)", entries: [], folders: folders).run()
        }
    }
}
