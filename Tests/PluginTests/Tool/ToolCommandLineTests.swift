import TalonTesting
import Testing

@Suite struct `The command line of talon plugin` {
    private static let commands = [
        "new", "pack", "keygen", "sign", "verify", "inspect", "check", "run", "install", "list", "enable", "disable",
        "remove", "forget",
    ]

    @Test func `lists its commands`() throws {
        let result = try Tool.plugin("--help", in: TemporaryDirectory())
        #expect(result.status == 0)
        for command in Self.commands { #expect(result.output.contains("\n  \(command) "), "\(command)") }
        #expect(result.error.isEmpty)
    }

    @Test func `asks for a command`() throws {
        let result = try Tool.plugin([], in: TemporaryDirectory())
        #expect(result.status == 2)
        #expect(result.error.contains("usage: talon plugin COMMAND"))
        #expect(result.output.isEmpty)
    }

    @Test(arguments: commands) func `helps with each command`(command: String) throws {
        let directory = try TemporaryDirectory()
        let result = try Tool.plugin(command, "--help", in: directory)
        #expect(result.status == 0)
        #expect(result.output.hasPrefix("usage: talon plugin \(command)"))
        #expect(result.output.contains("\n  --json "))
        #expect(result.output.contains("exit status: 0 fine, 1 "))
        #expect(try Tool.plugin("help", command, in: directory).output == result.output)
    }

    @Test(arguments: [
        (["bake"], "there is no command bake"),
        (["check"], "FILE is missing"),
        (["check", "a.so", "b.so"], "one FILE is taken"),
        (["check", "--frobnicate", "a.so"], "unknown option --frobnicate"),
        (["check", "a.so", "--timeout"], "option --timeout needs a value"),
        (["check", "a.so", "--timeout", "soon"], "option --timeout is soon"),
        (["check", "a.so", "--timeout", "1", "--timeout=2"], "option --timeout is given twice"),
        (["check", "--no-calls=yes", "a.so"], "option --no-calls takes no value"),
        (["check", "--policy", "trust-all", "a.so"], "option --policy is trust-all; it can be require-signature"),
        (["run", "a.so"], "option --hook is missing"),
        (["run", "a.so", "--hook", "on_monday"], "option --hook is on_monday"),
        (["list", "a.so"], "a.so is not expected"),
        (["new", "hello"], "option --language is missing"),
        (["new", "--language", "cobol", "hello"], "option --language is cobol; it can be c, cpp, swift, rust"),
    ]) func `refuses what it does not understand`(words: [String], message: String) throws {
        let result = try Tool.plugin(words, in: TemporaryDirectory())
        #expect(result.status == 2)
        #expect(result.error.contains(message), "\(result.error)")
        #expect(result.output.isEmpty)
    }

    @Test func `reads options in each of their forms`() throws {
        let directory = try TemporaryDirectory()
        let plugin = try Tool.fixture("handled")
        for words in [["--timeout=5", plugin], ["--timeout", "5", "--", plugin], [plugin, "--timeout", "5"]] {
            #expect(try Tool.plugin(["check"] + words, in: directory).status == 0, "\(words)")
        }
    }
}
