import TalonTesting
import Testing

@Suite(.serialized) struct `A plugin that cannot be loaded refuses the start, with a sentence that names it:` {
    /// Starts with the plugin; returns what the server said of it.
    private func refused(_ path: String, within allowed: Duration = .seconds(15)) throws -> String {
        let directory = try applicationDirectory()
        return try starting("app:app", "--plugin", path, in: directory) { server in
            let end = try server.waitForExit(within: allowed)
            #expect(end == .exited(1))
            #expect(!server.log.contains("Listening at") && !server.log.contains("Booting worker"))
            let lines = server.logLines.filter { $0.contains(path) }
            #expect(lines.count == 1, "one sentence names \(path): \(server.log)")
            return lines.first ?? ""
        }
    }

    @Test func `a path where nothing is`() throws {
        let sentence = try refused("/no/such/plugin.so")
        #expect(sentence.contains("No such file"))
    }

    @Test func `a directory`() throws {
        _ = try refused("/usr/lib")
    }

    @Test func `a text file`() throws {
        let directory = try TemporaryDirectory()
        let sentence = try refused(try directory.write("int main;", to: "plugin.so"))
        #expect(sentence.contains("ELF"))
    }

    @Test func `an empty file`() throws {
        let directory = try TemporaryDirectory()
        let sentence = try refused(try directory.write("", to: "plugin.so"))
        #expect(sentence.contains("ELF"))
    }

    @Test(arguments: [20, 64, 200, 1000, 6000])
    func `an ELF file that is cut off`(size: Int) throws {
        let directory = try TemporaryDirectory()
        let whole = try Files.bytes(try Fixture.recorder())
        _ = try refused(try directory.write(Array(whole.prefix(size)), to: "plugin.so"))
    }

    @Test func `an ELF file for another machine`() throws {
        let directory = try TemporaryDirectory()
        var bytes = try Files.bytes(try Fixture.recorder())
        bytes[18] = 0xf3  // e_machine: RISC-V
        _ = try refused(try directory.write(bytes, to: "plugin.so"))
    }

    @Test func `a program instead of a library`() throws {
        _ = try refused("/bin/true")
    }

    @Test func `a library without identity`() throws {
        let sentence = try refused(try Fixture.plugin("no_identity"))
        #expect(sentence.contains("TALON_PLUGIN") || sentence.contains("talon_plugin_info_1"))
    }

    @Test func `a library that does not say who it is`() throws {
        _ = try refused(try Fixture.plugin("null_identity"))
    }

    @Test(arguments: [(2, 0), (0, 0), (1, 99)])
    func `a plugin of another ABI`(major: Int, minor: Int) throws {
        let plugin = try Fixture.plugin("other_abi", flags: ["-DMAJOR=\(major)", "-DMINOR=\(minor)"])
        let sentence = try refused(plugin)
        #expect(
            sentence.contains("\(major).\(minor)") && sentence.contains("1.3"), "it names both versions: \(sentence)")
    }

    @Test func `a plugin that needs a function that nobody has`() throws {
        let sentence = try refused(try Fixture.plugin("missing_library"))
        #expect(sentence.contains("talon_test_function_that_nobody_has"))
    }

    @Test func `a plugin that crashes while it is loaded`() throws {
        let sentence = try refused(try Fixture.plugin("crash_in_constructor"))
        #expect(sentence.contains("SIGSEGV") || sentence.contains("crash"))
    }

    @Test func `a plugin that never ends being loaded`() throws {
        let sentence = try refused(try Fixture.plugin("hang_in_constructor"))
        #expect(sentence.contains("too long"), "\(sentence)")
    }

    @Test func `one of several`() throws {
        let directory = try applicationDirectory()
        let good = try Fixture.recorder()
        let options = TalonServer.Options.recording(in: directory)
        try starting("app:app", "--plugin", good, "--plugin", "/no/such.so", in: directory, options: options) {
            server in
            let end = try server.waitForExit()
            #expect(end == .exited(1))
            #expect(server.log.contains("/no/such.so"))
            #expect(directory.records.isEmpty, "no hook is called in a server that does not start")
        }
    }
}

@Suite(.serialized) struct `A plugin that refuses to be used` {
    @Test func `by its create() does not take the server down`() throws {
        let directory = try applicationDirectory()
        let plugin = try Fixture.plugin("refuse_in_create")
        try starting("app:app", "--plugin", plugin, in: directory) { server in
            let response = try? server.waitUntilAnswers()
            if response == nil {
                #expect(server.process.reap() == .exited(1), "serves without it, or refuses the start")
            }
            #expect(server.logLines.contains { $0.contains("refuse-in-create") || $0.contains(plugin) })
        }
    }
}
