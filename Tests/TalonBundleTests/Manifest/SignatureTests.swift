import TalonHooks
import TalonYAML
import Testing

@testable import TalonBundle

private let config =
    "config:\n  text: {type: string, default: hi}\n  count: {type: integer, default: 300}\n"
    + "  part: {type: number, default: 0.5}\n  flag: {type: boolean, default: true}\n"
    + "  open: {type: string}\n  must: {type: integer, required: true}\n"

@Suite struct `The signature of a function` {
    private func signature(
        at point: String = "when_ready", returns: String = "i32 ignore", _ arguments: [String] = []
    ) throws -> CallSignature {
        let manifest = try Sample.hook(at: point, returns: returns, arguments, config: config)
        let entry = try PluginEntry.parse("{id: a.b, config: {must: 7}}", source: "plugins")
        let binding = try manifest.describe(entry: entry.first, origin: "x").bindings.first
        return try #require(binding).signature
    }

    @Test(
        arguments: [
            ("void", .void), ("i32 status", .status), ("i32 errno", .errno), ("bool ok", .ok),
            ("i32 ignore", .ignored(.i32)), ("u64 ignore", .ignored(.u64)), ("cstr ignore", .ignored(.cstr)),
            ("f64  ignore", .ignored(.f64)),
        ] as [(String, CallSignature.Result)])
    func `has a result`(text: String, result: CallSignature.Result) throws {
        #expect(try signature(returns: text).result == result)
    }

    @Test(
        arguments: [
            ("i32 const 0", .i32, .integer(0)), ("i32 const -1", .i32, .integer(.max)),
            ("i8 const -0x80", .i8, .integer(.max - 127)),
            ("u8 const 255", .u8, .integer(255)), ("u8 const 0xfF", .u8, .integer(255)),
            ("u16 const +7", .u16, .integer(7)),
            ("u64 const 18446744073709551615", .u64, .integer(.max)),
            ("i64 const -9223372036854775808", .i64, .integer(1 << 63)), ("u32 const 007", .u32, .integer(7)),
            ("bool const true", .bool, .integer(1)), ("bool const false", .bool, .integer(0)),
            ("f32 const 1.5", .f32, .real(1.5)), ("f64 const -1e300", .f64, .real(-1e300)),
            ("f64 const 3", .f64, .real(3)),
            ("cstr const a b ", .cstr, .text("a b ")), ("cstr const", .cstr, .text("")),
            ("str const ", .str, .text("")),
            ("cstr const  x", .cstr, .text(" x")), ("ptr const null", .ptr, .integer(0)),
            ("ptr call", .ptr, .call), ("  u32   server.port ", .u32, .fact(.serverPort)),
            ("u64 server.port", .u64, .fact(.serverPort)), ("i64 server.port", .i64, .fact(.serverPort)),
            ("f64 server.port", .f64, .fact(.serverPort)), ("f64 server.started_at", .f64, .fact(.serverStartedAt)),
            ("i64 server.pid", .i64, .fact(.serverPid)), ("cstr server.name", .cstr, .fact(.serverName)),
            ("str server.name", .str, .fact(.serverName)), ("ptr plugin.state", .ptr, .fact(.pluginState)),
            ("fn host.log_line", .fn, .fact(.hostLogLine)), ("u64 hook.deadline_ns", .u64, .fact(.hookDeadline)),
            ("cstr config text", .cstr, .text("hi")), ("str config text", .str, .text("hi")),
            ("u16 config count", .u16, .integer(300)), ("f32 config part", .f32, .real(0.5)),
            ("bool config flag", .bool, .integer(1)), ("u8 config must", .u8, .integer(7)),
        ] as [(String, CallType, CallSignature.Source)])
    func `has an argument`(text: String, type: CallType, source: CallSignature.Source) throws {
        #expect(try signature([text]).arguments == [.init(type, source)])
    }

    @Test(arguments: HookPoint.allCases) func `may have every fact that its point has`(point: HookPoint) throws {
        for fact in Fact.allCases {
            let text = "\(fact.type.rawValue) \(fact.rawValue)"
            if fact.isAvailable(at: point) {
                #expect(try signature(at: point.name, [text]).arguments == [.init(fact.type, .fact(fact))])
            } else {
                #expect(throws: YAMLError.self) { try signature(at: point.name, [text]) }
            }
        }
    }

    /// The types that each type of a fact may be passed as, written out.
    @Test(arguments: [
        (Fact.serverPid, ["i32", "i64", "f64"]), (.serverPort, ["i64", "u32", "u64", "f64"]),
        (.hookDeadline, ["u64"]), (.serverStartedAt, ["f64"]), (.serverName, ["cstr", "str"]),
        (.hostSelf, ["ptr"]), (.hostLogLine, ["fn"]),
    ])
    func `passes a fact only as a type that holds it`(fact: Fact, allowed: [String]) throws {
        let accepted = CallType.allCases.map(\.rawValue).filter {
            (try? signature(["\($0) \(fact.rawValue)"])) != nil
        }
        #expect(Set(accepted) == Set(allowed))
    }

    @Test func `is the standard one if nothing is said`() throws {
        let manifest = try Sample.parse(Sample.head + "hooks: [{point: on_exit}]\n")
        #expect(try manifest.describe(origin: "x").bindings == [.init(.onExit)])
        #expect(try signature(returns: "i32 status", ["ptr call"]) == .standard)
    }

    @Test func `has at most twelve arguments`() throws {
        let twelve = [String](repeating: "i32 const 1", count: 12)
        #expect(try signature(twelve).arguments.count == 12)
        #expect(throws: YAMLError.self) { try signature(twelve + ["i32 const 1"]) }
    }
}

/// An argument at when_ready, and what is said of it.
private let refused: [(argument: String, reason: String)] = [
    ("", "is empty; write \"TYPE const VALUE\", \"TYPE config KEY\" or \"TYPE FACT\""),
    ("i32", "'i32' has a type only; add const VALUE, config KEY or a fact"),
    ("int const 1", "'int' is no type: did you mean 'i32'?"),
    ("long const 1", "'long' is no type: did you mean 'i64'?"),
    ("u63 const 1", "'u63' is no type: did you mean 'u64'?"),
    (
        "complex const 1",
        "'complex' is no type; use one of void, bool, i8, i16, i32, i64, u8, u16, u32, u64, f32, f64, cstr, ptr, str, fn"
    ),
    ("void const 1", "an argument cannot be void; leave it out"),
    ("i32 cnst 1", "'cnst' is no source of a value: did you mean 'const'?"),
    ("i32 server.prot", "'server.prot' is no source of a value: did you mean 'server.port'?"),
    ("i32 workers.x", "'workers.x' is no source of a value; use one of workers.new_count, workers.old_count"),
    ("i32 something", "'something' is no source of a value; use const VALUE, config KEY or a fact such as server.pid"),
    ("u64 request.id", "request.id is not available at when_ready; it is at pre_request, post_request"),
    ("i32 worker.exit_status", "worker.exit_status is not available at when_ready; it is at child_exit"),
    ("i32 hook.deadline_ns", "hook.deadline_ns is u64, which not every i32 can hold; use u64"),
    ("f64 hook.deadline_ns", "hook.deadline_ns is u64, which not every f64 can hold; use u64"),
    ("f32 server.started_at", "server.started_at is f64, which not every f32 can hold; use f64"),
    ("i32 server.name", "server.name is str, which not every i32 can hold; use cstr, str"),
    ("u8 const 300", "is '300', which is no u8; use 0 to 255, or a wider type"),
    ("u8 const -1", "is '-1', which is no u8; use 0 to 255, or a wider type"),
    ("i32 const ten", "is 'ten', which is no i32; use a whole number"),
    ("i32 const", "is '', which is no i32; use a whole number"),
    ("i32 const 1 2", "is '1 2', which is no i32; use a whole number"),
    ("i32 const --1", "is '--1', which is no i32; use a whole number"),
    ("i32 const 0x-1", "is '0x-1', which is no i32; use a whole number"),
    ("i32 const 1.5", "is '1.5', which is no i32; use a whole number"),
    ("bool const 1", "is '1', which is no bool; use true or false"),
    ("f64 const inf", "is 'inf', which is no f64; use a number"),
    ("f32 const 1e39", "is '1e39', which is no f32; use a smaller number, or f64"),
    ("ptr const 0", "is '0', which is no ptr; use null, the only constant pointer"),
    ("fn const x", "a fn cannot be a constant; use a fact, such as fn host.log_line"),
    ("u64 call", "call is a ptr, not u64; write \"ptr call\""),
    ("ptr call it", "'ptr call it' has more after 'ptr call'; leave it out"),
    ("i32 server.pid x", "'i32 server.pid x' has more after 'i32 server.pid'; leave it out"),
    ("cstr config", "config names no setting; write \"TYPE config KEY\""),
    ("cstr config txt", "'txt' is no setting of this plugin: did you mean 'text'?"),
    ("cstr config nothing-like-it", "'nothing-like-it' is no setting of this plugin; declare it under config"),
    ("i32 config text", "the setting 'text' is of type string, not for i32; use cstr, str"),
    (
        "f64 config count",
        "the setting 'count' is of type integer, not for f64; use i8, i16, i32, i64, u8, u16, u32, u64"
    ),
    ("u8 config count", "the default of the setting 'count' is '300', which is no u8; use 0 to 255, or a wider type"),
    ("cstr config open", "the setting 'open' may have no value; give it a default, or require it"),
]

@Suite struct `A bad signature` {
    @Test(arguments: refused) func `is refused for its argument`(argument: String, reason: String) {
        let message = Sample.refusal { () throws(YAMLError) in _ = try Sample.hook([argument], config: config) }
        #expect(message == "x/plugin.yaml:12: hooks[0].arguments[0]: \(reason)")
    }

    @Test(arguments: [
        ("", "is empty; write \"void\", \"i32 status\", \"i32 errno\", \"bool ok\" or \"TYPE ignore\""),
        ("i32", "is 'i32'; use \"void\", \"i32 status\", \"i32 errno\", \"bool ok\" or \"TYPE ignore\""),
        ("void ignore", "is 'void ignore'; write \"void\" alone"),
        ("i64 status", "is 'i64 status'; status is i32: write \"i32 status\""),
        ("i32 ok", "is 'i32 ok'; ok is bool: write \"bool ok\""),
        ("int ignore", "'int' is no type: did you mean 'i32'?"),
        (
            "i32 ignored",
            "is 'i32 ignored'; use \"void\", \"i32 status\", \"i32 errno\", \"bool ok\" or \"TYPE ignore\": "
                + "did you mean 'ignore'?"
        ),
    ])
    func `is refused for its result`(returns: String, reason: String) {
        let message = Sample.refusal { () throws(YAMLError) in _ = try Sample.hook(returns: returns) }
        #expect(message == "x/plugin.yaml:5: hooks[0].returns: \(reason)")
    }

    @Test func `is refused for a setting that was given and does not fit`() throws {
        let manifest = try Sample.hook(["u8 config must"], config: config)
        let entry = try PluginEntry.parse("id: a.b\nconfig:\n  must: 256", source: "plugins").first
        let message = Sample.refusal { () throws(YAMLError) in _ = try manifest.describe(entry: entry, origin: "x")
        }
        #expect(message == "plugins:3: config.must: is '256', which is no u8; use 0 to 255, or a wider type")
    }
}
