import TalonYAML
import Testing

@testable import TalonBundle

/// What is added to three good lines, and all that is said about it.
private let refused: [(added: String, message: String)] = [
    ("isolaton: inline", "4: isolaton: is unknown: did you mean 'isolation'?"),
    (
        "zzz: 1",
        "4: zzz: is unknown; use schema, id, version, abi, language, library, isolation, limits, required, "
            + "description, license, homepage, author, config, hooks, files"
    ),
    ("id: org.example.y", "2: id: is there twice, here first; leave one out"),
    (
        "abi: 2.0",
        "4: abi: the plugin needs ABI 2.0, and this Talon has 1.3; update Talon, or rebuild the plugin for it"
    ),
    (
        "abi: 1.4",
        "4: abi: the plugin needs ABI 1.4, and this Talon has 1.3; update Talon, or rebuild the plugin for it"
    ),
    ("abi: 0.9", "4: abi: the plugin needs ABI 0.9, and this Talon has 1.3; rebuild the plugin for it"),
    ("abi: one", "4: abi: is 'one'; use MAJOR.MINOR, such as 1.3"),
    ("abi: 1", "4: abi: is '1'; use MAJOR.MINOR, such as 1.3"),
    ("abi: -1.+1", "4: abi: is '-1.+1'; use MAJOR.MINOR, such as 1.3"),
    ("language: swft", "4: language: is 'swft'; use one of c, c++, swift, rust: did you mean 'swift'?"),
    (
        "library: libsystemd",
        "4: library: is 'libsystemd', which is no name of a shared object; write a name such as libsystemd.so.0, or a path"
    ),
    ("library: ../x.so", "4: library: is '../x.so'; write an absolute path instead of .."),
    // To Swift a slash and the accent behind it are one character, and to the system they are not.
    (
        "library: \"a/../\\u0301x.so\"",
        "4: library: is 'a/../\u{301}x.so'; write an absolute path instead of .."
    ),
    ("library: ' '", "4: library: is empty; write a name such as libsystemd.so.0, or a path"),
    ("library:\n", "4: library: has no value; write a name such as libsystemd.so.0, or a path"),
    (
        "isolation: isolate",
        "4: isolation: is 'isolate'; use one of inline, guarded, isolated: did you mean 'isolated'?"
    ),
    ("limits: [1]", "4: limits: is a list; write a mapping of hook points to times"),
    ("limits:\n  when_redy: 1", "5: limits.when_redy: 'when_redy' is no hook point: did you mean 'when_ready'?"),
    ("limits: { on_exit: 0 }", "4: limits.on_exit: is '0'; write more than 0"),
    ("limits: { on_exit: 11 min }", "4: limits.on_exit: is '11 min'; at most 10 min are allowed"),
    ("limits: { on_exit: 5 h }", "4: limits.on_exit: is '5 h'; write a time such as 250 ms, 5 s or 2 min"),
    ("limits: { on_exit: -1 }", "4: limits.on_exit: is '-1'; write a time such as 250 ms, 5 s or 2 min"),
    ("limits: { on_exit: 1.2.3 }", "4: limits.on_exit: is '1.2.3'; write a time such as 250 ms, 5 s or 2 min"),
    ("required: yes", "4: required: is 'yes'; use true or false"),
    ("description: [a]", "4: description: is a list; write a text"),
    ("author: \"a\\0b\"", "4: YAML: a text holds a NUL; leave it out"),
    ("files: { ../x: '00' }", "4: files.../x: is no path inside the bundle; write it relative, without . and .."),
    ("files:\n  a/b: 00", "5: files.a/b: is '00', which is no SHA-256 digest; write 64 hexadecimal digits"),
    ("files: { plugin.yaml: 00 }", "4: files.plugin.yaml: cannot have its digest here; leave it out"),
    // Hooks.
    ("hooks: []", "4: hooks: is empty; leave it out to use the functions that the library exports"),
    ("hooks: when_ready", "4: hooks: is 'when_ready'; write a list of hooks"),
    ("hooks:\n- symbol: x", "5: hooks[0].point: is missing; name a hook point such as when_ready"),
    (
        "hooks:\n- point: when_ready\n- point: onexit",
        "6: hooks[1].point: 'onexit' is no hook point: did you mean 'on_exit'?"
    ),
    ("hooks:\n- point: on_exit\n  symbl: x", "6: hooks[0].symbl: is unknown: did you mean 'symbol'?"),
    ("hooks:\n- point: on_exit\n  symbol: a b", "6: hooks[0].symbol: is 'a b', which is no name of a function"),
    (
        "hooks:\n- point: on_exit\n- point: on_exit",
        "6: hooks[1]: binds talon_on_exit to on_exit again; leave one of the two out"
    ),
    (
        "hooks:\n- point: on_exit\n  arguments: []",
        "5: hooks[0].returns: is missing; say what the function returns, such as \"i32 ignore\""
    ),
    // The schema of settings.
    ("config:\n  a: string", "5: config.a: is 'string'; write a mapping of KEY: VALUE"),
    (
        "config:\n  1a: { type: string }",
        "5: config.1a: is no name of a setting; use letters, digits, '_', '-' and '.', a letter first"
    ),
    ("config:\n  a: {}", "5: config.a.type: is missing; use one of string, integer, number, boolean"),
    ("config:\n  a: { type: int }", "5: config.a.type: is 'int'; use one of string, integer, number, boolean"),
    (
        "config:\n  a: { type: integer, default: x }",
        "5: config.a.default: is 'x', which is no integer; write a whole number"
    ),
    (
        "config:\n  a: { type: integer, default: 9223372036854775808 }",
        "5: config.a.default: is '9223372036854775808', which is no integer of 64 bits; write a smaller number"
    ),
    ("config:\n  a: { type: integer, default: 0, minimum: 1 }", "5: config.a.default: is '0'; the minimum is 1"),
    ("config:\n  a: { type: number, default: 3, maximum: 2.5 }", "5: config.a.default: is '3'; the maximum is 2.5"),
    (
        "config:\n  a: { type: number, minimum: 2, maximum: 1 }",
        "5: config.a.maximum: is less than the minimum 2; exchange them"
    ),
    (
        "config:\n  a: { type: number, default: nan }",
        "5: config.a.default: is 'nan', which is no number; write one such as 1.5"
    ),
    (
        "config:\n  a: { type: string, minimum: 1 }",
        "5: config.a.minimum: is for integers and numbers, and this is a string; leave it out"
    ),
    (
        "config:\n  a: { type: string, choices: [] }",
        "5: config.a.choices: is empty; write at least one value, or leave it out"
    ),
    (
        "config:\n  a: { type: string, choices: [x], default: y }",
        "5: config.a.default: is 'y'; use one of x: did you mean 'x'?"
    ),
    (
        "config:\n  a: { type: boolean, choices: [maybe] }",
        "5: config.a.choices[0]: is 'maybe', which is no boolean; use true or false"
    ),
    (
        "config:\n  a: { type: string, required: true, default: x }",
        "5: config.a.default: is never used, because the setting is required; leave one of the two out"
    ),
    (
        "config:\n  a: { type: string, pattern: x }",
        "5: config.a.pattern: is unknown; use type, required, default, minimum, maximum, choices, help, secret"
    ),
    // YAML itself.
    ("a: &x 1", "4: YAML: anchors and aliases (&name, *name) are not understood; write the value itself"),
    ("a: *x", "4: YAML: anchors and aliases (&name, *name) are not understood; write the value itself"),
    ("author: !!binary eA==", "4: YAML: the tag 'tag:yaml.org,2002:binary' is not understood; leave it out"),
    ("---\na: 1", "4: YAML: holds a second document; only one is allowed"),
    ("? [a, b]\n: 1", "4: YAML: a key is a list; a key must be a text"),
    ("? \n: 1", "4: YAML: a key is empty; a key must be a text"),
    ("  x: 1", "4: YAML: mapping values are not allowed in this context; check the indentation, quotes and brackets"),
    (
        "a: [1, 2",
        "4: YAML: did not find expected ',' or ']' (while parsing a flow sequence in line 4); check the indentation, quotes and brackets"
    ),
    ("author: a\u{1}b", "4: YAML: control characters are not allowed; leave the character out"),
    ("a: [[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]", "4: YAML: is nested more than 16 levels deep"),
]

@Suite struct `A bad manifest` {
    @Test(arguments: refused) func `is refused with its line, field and reason`(added: String, message: String) {
        let text = Sample.head + added + "\n"
        #expect(Sample.refusal { () throws(YAMLError) in _ = try Sample.parse(text) } == "x/plugin.yaml:" + message)
    }

    @Test(arguments: [
        ("", "1: YAML: is empty; write at least schema, id and version"),
        ("# nothing\n", "1: YAML: is empty; write at least schema, id and version"),
        ("- a", "1: manifest: is a list; write a mapping of KEY: VALUE"),
        ("a", "1: manifest: is 'a'; write a mapping of KEY: VALUE"),
        ("id: a.b\n", "1: schema: is missing; write schema: 1"),
        ("id: a.b\nschema: 2\n", "2: schema: is '2', and this Talon knows schema 1 only; write schema: 1"),
        ("schema: 1\n", "1: id: is missing; write a reverse domain name such as org.example.hello"),
        ("schema: 1\nid: hello\n", "2: id: is 'hello'; use a reverse domain name such as org.example.hello"),
        ("schema: 1\nid: a..b\n", "2: id: is 'a..b'; use a reverse domain name such as org.example.hello"),
        ("schema: 1\nid: a.ü\n", "2: id: is 'a.ü'; use a reverse domain name such as org.example.hello"),
        ("schema: 1\nid: a.b\n", "1: version: is missing; write a semantic version such as 1.0.0"),
        ("schema: 1\nid: a.b\nversion: 1.0\n", "3: version: is '1.0'; use a semantic version such as 1.0.0"),
        ("schema: 1\nid: a.b\nversion: 1.0.01\n", "3: version: is '1.0.01'; use a semantic version such as 1.0.0"),
        ("schema: 1\nid: a.b\nversion: 1.0.0-\n", "3: version: is '1.0.0-'; use a semantic version such as 1.0.0"),
        ("schema: 1\nid: a.b\nversion: 1.0.-0\n", "3: version: is '1.0.-0'; use a semantic version such as 1.0.0"),
    ])
    func `is refused if it lacks what it must have`(text: String, message: String) {
        #expect(Sample.refusal { () throws(YAMLError) in _ = try Sample.parse(text) } == "x/plugin.yaml:" + message)
    }

    private func refusal(_ bytes: [UInt8]) -> String? {
        Sample.refusal { () throws(YAMLError) in _ = try PluginManifest.parse(bytes, file: "f") }
    }

    @Test func `is refused if it is no text`() {
        #expect(
            refusal(Array("schema: 1\nid: ".utf8) + [0xff]) == "f:2: YAML: is not valid UTF-8; save the file as UTF-8")
        #expect(refusal([0, 1, 2]) == "f:1: YAML: control characters are not allowed; leave the character out")
    }

    @Test func `is refused if it is too long`() {
        let long = Array((Sample.head + "# ").utf8) + [UInt8](repeating: 0x78, count: 256 << 10)
        #expect(refusal(long) == "f:1: YAML: is \(long.count) bytes long; 262144 are allowed")
        let id = "a." + String(repeating: "b", count: 199)
        #expect(refusal(Array("schema: 1\nid: \(id)\n".utf8)) == "f:2: id: is 201 bytes long; 200 are allowed")
    }

    @Test func `is refused if it has more hooks or settings than any plugin`() {
        let hooks = "hooks:\n" + (0..<257).map { "- {point: on_exit, symbol: f\($0)}\n" }.joined()
        #expect(refusal(Array((Sample.head + hooks).utf8)) == "f:4: hooks: has 257 hooks; 256 are allowed")
        let config = "config:\n" + (0..<257).map { "  a\($0): {type: string}\n" }.joined()
        #expect(refusal(Array((Sample.head + config).utf8)) == "f:4: config: has 257 settings; 256 are allowed")
    }

    @Test func `cannot forge a line of a log`() {
        let message = refusal(Array("schema: 1\n\"a\\nb\\x1b\": 1\n".utf8))
        #expect(message?.hasPrefix("f:2: a\\x0ab\\x1b: is unknown") == true)
        let long = refusal(Array("schema: \(String(repeating: "x", count: 1000))\n".utf8))
        #expect(long?.contains("is '" + String(repeating: "x", count: 60) + "…', and this Talon") == true)
    }
}
