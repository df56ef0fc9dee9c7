import TalonHooks
import TalonYAML
import Testing

@testable import TalonBundle

@Suite struct `An entry of the setting plugins` {
    private func parse(_ text: String) throws(YAMLError) -> [PluginEntry] {
        try PluginEntry.parse(text, source: "plugins")
    }

    @Test(arguments: [
        "./a.so", "/opt/my plugin.so", "a:b.so", "notify.yaml", "x", "- dash.so".replacing("- ", with: "-"),
    ])
    func `is a path`(text: String) throws {
        #expect(try parse(text) == [PluginEntry(path: text, source: "plugins")])
    }

    @Test func `is a mapping`() throws {
        let entries = try parse(
            "{path: ./a.so, isolation: guarded, timeout: 2, required: true, enabled: false, config: {greeting: hi, n: 5}}"
        )
        var wanted = PluginEntry(path: "./a.so", source: "plugins")
        wanted.isolation = .guarded
        wanted.timeout = 2_000_000_000
        wanted.isRequired = true
        wanted.isEnabled = false
        wanted.config = [
            GivenSetting(key: "greeting", value: "hi", line: 1), GivenSetting(key: "n", value: "5", line: 1),
        ]
        #expect(entries == [wanted])
    }

    @Test func `may configure a plugin that is found elsewhere`() throws {
        let entry = try #require(try parse("id: org.x.y\nconfig:\n  greeting: hi\n").first)
        #expect(entry.path == nil && entry.id == "org.x.y" && entry.isRequired == nil && entry.isEnabled)
        #expect(entry.config == [GivenSetting(key: "greeting", value: "hi", line: 3)])
    }

    @Test func `is a list`() throws {
        let entries = try parse("- ./a.so\n- path: ./b.so\n  required: false\n- {id: a.b}")
        #expect(entries.map(\.path) == ["./a.so", "./b.so", nil])
        #expect(entries.map(\.id) == [nil, nil, "a.b"])
        #expect(entries.map(\.isRequired) == [nil, false, nil])
        #expect(entries.map(\.line) == [1, 2, 4])
        #expect(try parse("[a.so, b.so]").map(\.path) == ["a.so", "b.so"])
        #expect(try parse("[]").isEmpty)
    }

    @Test func `of few letters is read as it stands`() throws {
        #expect(try parse("[a]").map(\.path) == ["a"])
        #expect(try parse("{id: a.b}").map(\.id) == ["a.b"])
        #expect(try parse("[ü]").map(\.path) == ["ü"])
    }

    @Test(arguments: [
        ("", "1: path: is ''; name the file of a plugin"),
        (" ", "1: path: is ' '; name the file of a plugin"),
        ("{}", "1: plugins: names no plugin; write path or id"),
        ("{path: a, id: b.c}", "1: plugins.id: is there beside path; leave one of the two out"),
        ("{pth: a}", "1: plugins.pth: is unknown: did you mean 'path'?"),
        ("{path: ''}", "1: plugins.path: is empty; write the file of a plugin"),
        ("{id: hello}", "1: plugins.id: is 'hello'; use a reverse domain name such as org.example.hello"),
        ("[[a]]", "1: plugins[0]: is a list; write a path, or a mapping with path or id"),
        (
            "- a\n- {path: b, timeout: 1 h}",
            "2: plugins[1].timeout: is '1 h'; write a time such as 250 ms, 5 s or 2 min"
        ),
        (
            "{path: a, isolation: none}",
            "1: plugins.isolation: is 'none'; use one of inline, guarded, isolated"
        ),
        ("{path: a, config: x}", "1: plugins.config: is 'x'; write a mapping of settings"),
        ("{path: a, config: {b: [1]}}", "1: plugins.config.b: is a list; write a value"),
        ("{path: a, config: {b: }}", "1: plugins.config.b: has no value; write a value"),
        (
            "{path: a",
            "1: YAML: did not find expected ',' or '}' (while parsing a flow mapping in line 1); check the indentation, quotes and brackets"
        ),
    ])
    func `is refused`(text: String, message: String) {
        #expect(Sample.refusal { () throws(YAMLError) in _ = try parse(text) } == "plugins:" + message)
    }
}

@Suite struct `The description of a plugin` {
    private func entry(_ text: String) throws -> PluginEntry {
        try #require(try PluginEntry.parse(text, source: "plugins").first)
    }

    @Test func `is what its manifest says`() throws {
        let manifest = try Sample.parse(Sample.full)
        let description = try manifest.describe(entry: entry("{path: a, config: {password: p}}"), origin: "full.yaml")
        #expect(description.id == "org.example.full_1")
        #expect(description.version == "2.1.0-rc.1+build.5")
        #expect(description.language == "c++")
        #expect(description.origin == "full.yaml")
        #expect(description.library == nil)
        #expect(description.isolation == .inline)
        #expect(description.isRequired)
        #expect(description.timeLimit(at: .whenReady) == 250_000_000)
        #expect(description.config.map(\.key) == ["factor", "greeting", "loud", "password", "port"])
        #expect(
            description.bindings.last?.signature
                == CallSignature(
                    result: .ok,
                    arguments: [
                        .init(.cstr, .text("hello")), .init(.u16, .integer(80)), .init(.f64, .real(1.5)),
                        .init(.bool, .integer(0)), .init(.str, .text("p")),
                    ]))
        #expect(try PluginDescription(decoding: description.encoded) == description)
    }

    @Test func `is what its entry says, where both say something`() throws {
        let manifest = try Sample.parse(
            Sample.head
                + "isolation: inline\nrequired: true\nlimits: {on_exit: 1}\nhooks: [{point: on_exit}, {point: pre_exec}]\n"
        )
        let description = try manifest.describe(
            entry: entry("{path: a, isolation: guarded, timeout: 3, required: false}"), origin: "x")
        #expect(description.isolation == .guarded)
        #expect(!description.isRequired)
        #expect(description.limits == [.onExit: 3_000_000_000, .preExec: 3_000_000_000])
    }

    @Test func `of a plugin without a manifest takes all settings as they are`() throws {
        var description = PluginDescription(id: "a.so", origin: "a.so")
        description.bindings = [.init(.whenReady)]
        try entry("{path: a, timeout: 250 ms, required: true, config: {b: 0x10, a: yes}}").apply(to: &description)
        #expect(description.config.map { "\($0.key)=\($0.value)" } == ["a=yes", "b=0x10"])
        #expect(description.isRequired && description.timeLimit(at: .whenReady) == 250_000_000)
    }

    @Test(
        arguments: [
            (
                "isolation: isolated\nhooks: [{point: on_exit}, {point: post_fork}]\n", nil,
                "x/plugin.yaml:4: isolation: isolated is for hooks on the server's side; post_fork runs in the worker: use inline or guarded"
            ),
            (
                "hooks: [{point: post_fork}]\n", "{path: a, isolation: isolated}",
                "plugins:1: isolation: isolated is for hooks on the server's side; post_fork runs in the worker: use inline or guarded"
            ),
            (
                "language: swift\nisolation: guarded\n", nil,
                "x/plugin.yaml:5: isolation: guarded is for plugins in C, and this one is in swift; use inline"
            ),
            (
                "language: rust\n", "- x\n- {path: a, isolation: guarded}",
                "plugins:2: isolation: guarded is for plugins in C, and this one is in rust; use inline"
            ),
        ] as [(String, String?, String)])
    func `is refused if the isolation cannot be`(added: String, entries: String?, message: String) throws {
        let manifest = try Sample.parse(Sample.head + added)
        let entry = try entries.flatMap { try PluginEntry.parse($0, source: "plugins").last }
        #expect(
            Sample.refusal { () throws(YAMLError) in _ = try manifest.describe(entry: entry, origin: "x") }
                == message)
    }

    @Test func `may be isolated on the server's side, and guarded in C`() throws {
        let isolated = try Sample.parse(Sample.head + "isolation: isolated\nhooks: [{point: on_exit}]\n")
        #expect(try isolated.describe(origin: "x").isolation == .isolated)
        let guarded = try Sample.parse(Sample.head + "isolation: guarded\nlanguage: c\nhooks: [{point: post_fork}]\n")
        #expect(try guarded.describe(origin: "x").isolation == .guarded)
    }

    @Test func `counts exported hooks in a worker as well`() throws {
        let manifest = try Sample.parse(Sample.head + "isolation: isolated\n")
        #expect(throws: YAMLError.self) { try manifest.describe(origin: "x", exports: [.preRequest]) }
    }
}
