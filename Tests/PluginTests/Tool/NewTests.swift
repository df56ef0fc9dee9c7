import TalonTesting
import Testing

@Suite struct `A new plugin` {
    enum Language: String, CaseIterable {
        case c
        case cpp
        case swift
        case rust

        /// What builds it is here.
        var canBeBuilt: Bool {
            switch self {
            case .c, .cpp: true
            case .swift: (try? Files.exists("\(Tool.home())/kit/TalonPluginKit/exports.map")) ?? false
            case .rust: (try? `A new plugin`.command("rustc", ["--version"], in: "/").status) == 0
            }
        }
    }

    @Test(arguments: Language.allCases.filter(\.canBeBuilt))
    func `builds with make and passes every check`(language: Language) throws {
        let directory = try TemporaryDirectory()
        let made = try Tool.plugin(
            "new", "--language", language.rawValue, "--id", "com.example.my-hello", "my_hello", in: directory)
        #expect(made.status == 0, "\(made.error)")
        let folder = directory.file("my_hello")
        let built = try Self.command("make", [], in: folder)
        #expect(built.status == 0, "\(built.error)")
        let checked = try Tool.plugin("check", "--json", "my_hello", in: directory)
        #expect(checked.status == 0)
        #expect(checked.isJSON(ok: true), "\(checked.output)")
        #expect(!checked.output.contains("\"warning\""), "\(checked.output)")
        #expect(!checked.output.contains("\"failed\""), "\(checked.output)")
        #expect(checked.check("identity")?.message.contains("com.example.my-hello 0.1.0") == true)
        #expect(checked.check("hook when_ready")?.status == "ok")
        let run = try Tool.plugin("run", "--hook", "when_ready", "--repeat", "2", "my_hello", in: directory)
        #expect(run.output.contains("logged    info: hello"), "\(run.output)")
    }

    @Test func `copies nothing of Talon and says where it is`() throws {
        let directory = try TemporaryDirectory()
        _ = try Tool.plugin("new", "--language", "c", "hello", in: directory)
        let names = Files.names(in: directory.file("hello"))
        #expect(names == [".gitignore", "Makefile", "README.md", "hello.c", "plugin.yaml"])
        let makefile = Files.text(directory.file("hello/Makefile")) ?? ""
        #expect(makefile.contains("TALON_INCLUDE ?= \(try Tool.home())/include\n"))
        #expect(Files.text(directory.file("hello/plugin.yaml"))?.contains("id: org.example.hello\n") == true)
    }

    @Test func `is made in the folder that is named`() throws {
        let directory = try TemporaryDirectory()
        let result = try Tool.plugin("new", "--language=cpp", "--dir", "deep/down", "--json", "hello", in: directory)
        #expect(result.isJSON(ok: true))
        #expect(Files.exists(directory.file("deep/down/hello/hello.cpp")))
    }

    @Test func `is a module of Swift, whatever digit its id begins with`() throws {
        let directory = try TemporaryDirectory()
        #expect(try Tool.plugin("new", "--language", "swift", "--id", "7bit.1st", "own", in: directory).status == 0)
        #expect(directory.text("own/Makefile")?.contains("-module-name _7bit_1st ") == true)
    }

    @Test func `does not touch what is there`() throws {
        let directory = try TemporaryDirectory()
        try directory.makeDirectory("hello")
        let result = try Tool.plugin("new", "--language", "c", "hello", in: directory)
        #expect(result.status == 1)
        #expect(result.error.contains("is there already"))
        #expect(Files.names(in: directory.file("hello")).isEmpty)
    }

    @Test(arguments: ["", "../up", "a/b", "1st", "-x", "a b", "é", "a.b"])
    func `has a name that suits a file and a compiler`(name: String) throws {
        let directory = try TemporaryDirectory()
        let result = try Tool.plugin("new", "--language", "c", "--", name, in: directory)
        #expect(result.status == 2)
        #expect(result.error.contains("NAME is"))
        #expect(Files.names(in: directory.path).isEmpty)
    }

    @Test(arguments: ["hello", "org..hello", "org.exa mple", "org.\"example\"", ".org", "org.example\nversion: 9"])
    func `has an id that is a reverse domain name`(id: String) throws {
        let result = try Tool.plugin("new", "--language", "c", "--id", id, "hello", in: TemporaryDirectory())
        #expect(result.status == 2)
        #expect(result.error.contains("option --id is"))
    }

    /// With the compilers that the tests were started with.
    private static func command(_ name: String, _ words: [String], in folder: String) throws -> CommandResult {
        var environment: [String: String] = [:]
        for variable in ["PATH", "HOME", "RUSTUP_HOME", "CARGO_HOME"] {
            if let value = TestEnvironment.variable(variable) { environment[variable] = value }
        }
        return try run(name, words, environment: environment, directory: folder, within: .seconds(180))
    }
}
