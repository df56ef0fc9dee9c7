import CTalonPlugin
import Synchronization
import TalonPlatform
import TalonTesting
import Testing

@testable import TalonHooks

private typealias Argument = CallSignature.Argument

/// What the calls of these tests are told; every number is one that a narrower type would change.
private enum Told {
    static let server = HookFacts.Server(
        pid: -42, name: "app:app", version: "0.9", address: "unix.sock", port: 65535, workers: 3_000_000_000,
        generation: 2, startedAt: 1_700_000_000_500_000_000)
    static let worker = HookFacts.Worker(
        slot: 70000, age: 1 << 63, pid: 77, generation: 9,
        exit: .init(status: -1, signal: 11, reason: "signal"))
    static let facts = HookFacts(server: server, worker: worker, workers: .init(new: 4, old: 3))
    static let deadline = UInt64.max - 1

    /// What the host says of each fact, in C's writing.
    static let facts64: [(fact: Fact, point: HookPoint, text: String)] = [
        (.serverPid, .onExit, "-42"), (.serverPort, .onExit, "65535"), (.serverWorkers, .onExit, "3000000000"),
        (.serverGeneration, .onExit, "2"), (.serverStartedAt, .onExit, "1700000000.5"),
        (.workerSlot, .postFork, "70000"), (.workerAge, .postFork, "9223372036854775808"),
        (.workerPid, .childExit, "77"), (.workerGeneration, .preFork, "9"), (.workerExitStatus, .childExit, "-1"),
        (.workerExitSignal, .childExit, "11"), (.workersNewCount, .nworkersChanged, "4"),
        (.workersOldCount, .nworkersChanged, "3"), (.requestID, .preRequest, "1099511627776"),
        (.requestBytes, .postRequest, "5000000000"), (.responseStatus, .postRequest, "404"),
        (.responseBytes, .postRequest, "6000000000"), (.responseDuration, .postRequest, "7000000000"),
        (.hookPoint, .postRequest, "10"), (.hookDeadline, .onExit, "18446744073709551614"),
        (.serverName, .onExit, "7 app:app"), (.serverVersion, .onExit, "3 0.9"),
        (.serverAddress, .onExit, "9 unix.sock"), (.workerExitReason, .childExit, "6 signal"),
        (.requestMethod, .preRequest, "3 GET"), (.requestPath, .postRequest, "5 /path"),
        (.requestQuery, .preRequest, "0 "), (.requestRemoteAddress, .postRequest, "9 127.0.0.1"),
        (.hookName, .preRequest, "11 pre_request"), (.pluginID, .onExit, "9 org.probe"),
    ]
}

/// A request whose texts are followed by other bytes, as they are in a worker's buffer.
private struct Request {
    var method = Array("GET".utf8)
    var path = Array("/path".utf8)
    var query: [UInt8] = []
    var address = Array("127.0.0.1".utf8)

    func with<Result>(_ body: (UnsafePointer<talon_request>) throws -> Result) rethrows -> Result {
        let texts = [method, path, query, address]
        let buffer = texts.flatMap { $0 } + Array("garbage".utf8)
        return try buffer.withUnsafeBufferPointer { buffer in
            var offset = 0
            let views = texts.map { text in
                defer { offset += text.count }
                let start = buffer.baseAddress.map { UnsafeRawPointer($0 + offset) }
                return talon_str(data: start?.assumingMemoryBound(to: CChar.self), size: text.count)
            }
            var request = talon_request()
            request.struct_size = UInt32(MemoryLayout<talon_request>.size)
            request.id = 1 << 40
            request.bytes = 5_000_000_000
            (request.method, request.path, request.query, request.remote_address) = (
                views[0], views[1], views[2], views[3]
            )
            return try body(&request)
        }
    }
}

@Suite struct `A signature` {
    private let recorder = Recorder()
    private let block = FactBlock()

    init() { block.update(Told.facts) }

    /// The library of signatures with one function bound.
    private func plugin(
        _ symbol: String, _ arguments: [Argument], returns result: CallSignature.Result = .void,
        at point: HookPoint = .postRequest, guards: Bool = false
    ) throws -> LoadedPlugin {
        var description = PluginDescription(id: "org.probe", origin: "signatures.so")
        description.hasIdentity = false
        description.bindings = [
            .init(point, symbol: symbol, signature: CallSignature(result: result, arguments: arguments))
        ]
        let path = try Compiler.sharedObject(file: "plugins/signatures.c")
        return try LoadedPlugin(
            ResolvedPlugin(description, .file(path)), services: recorder.services, guards: guards)
    }

    private func call(_ plugin: LoadedPlugin, _ point: HookPoint, _ request: Request = Request()) -> HookOutcome? {
        var response = talon_response(
            struct_size: UInt32(MemoryLayout<talon_response>.size), status: 404, bytes: 6_000_000_000,
            duration_ns: 7_000_000_000)
        return request.with { request in
            plugin.call(point, block, request: request, response: &response, deadline: Told.deadline)
        }
    }

    private static let log = Argument(.fn, .fact(.hostLogLine))

    /// What a function that takes one value of that type says of it.
    private func said(_ type: CallType, _ source: CallSignature.Source, at point: HookPoint) throws -> String? {
        let plugin = try plugin("take_\(type)", [Self.log, Argument(type, source)], at: point)
        #expect(call(plugin, point) == .ok)
        return recorder.lines.last?.split(separator: " ", maxSplits: 1).last.map(String.init)
    }

    /// What the library says; nil if the signature is refused.
    private func refusal(_ symbol: String, _ arguments: [Argument], at point: HookPoint = .postRequest) throws
        -> String
    {
        let error = try #require(throws: PluginError.self) { try plugin(symbol, arguments, at: point) }
        #expect(error.code == .incompatible && error.path == "signatures.so")
        return error.reason
    }

    // MARK: Sources

    /// The types that hold all values of a fact, by the rule and not by the table of the implementation.
    private static func holds(_ type: CallType, _ fact: Fact) -> Bool {
        switch fact.type {
        case .str: return type == .str || type == .cstr
        case .f64, .ptr, .fn: return type == fact.type
        default: break
        }
        guard let values = fact.type.integerRange else { return false }
        if type == .f64 { return values.upper <= 1 << 53 }
        guard let range = type.integerRange else { return false }
        return range.lower <= values.lower && range.upper >= values.upper
    }

    @Test(arguments: Told.facts64.map(\.fact)) func `passes a fact as every type that holds it, and as no other`(
        fact: Fact
    ) throws {
        let told = try #require(Told.facts64.first { $0.fact == fact })
        for type in CallType.allCases where type != .void {
            if Self.holds(type, fact) {
                #expect(try said(type, .fact(fact), at: told.point) == told.text, "\(type)")
            } else {
                let reason = try refusal("take_\(type)", [Argument(type, .fact(fact))], at: told.point)
                #expect(reason.hasPrefix("hook \(told.point.name), function take_\(type): argument 1 cannot be"))
                #expect(reason.contains("\(type) \(fact.rawValue)"))
            }
        }
    }

    @Test func `passes pointers of the host`() throws {
        let host = try plugin("take_host", [Self.log, Argument(.ptr, .fact(.hostSelf))])
        #expect(call(host, .postRequest) == .ok)
        let given = try plugin("take_call", [Self.log, Argument(.ptr, .call)])
        #expect(call(given, .postRequest) == .ok)
        let state = try plugin("take_ptr", [Self.log, Argument(.ptr, .fact(.pluginState))])
        #expect(call(state, .postRequest) == .ok)
        let function = try plugin("take_fn", [Self.log, Self.log])
        #expect(call(function, .postRequest) == .ok)
        #expect(recorder.lines == ["info: host", "info: call", "info: NULL", "info: called"])
    }

    @Test func `knows every fact`() {
        let others: Set<Fact> = [.pluginState, .hostSelf, .hostLogLine]
        #expect(Set(Told.facts64.map(\.fact)).union(others) == Set(Fact.allCases))
    }

    @Test func `passes an integer at the ends of each type, and refuses what is beyond`() throws {
        for type in CallType.allCases {
            guard let range = type.integerRange else { continue }
            #expect(
                try said(type, .integer(UInt64(bitPattern: range.lower)), at: .onExit) == "\(range.lower)", "\(type)")
            #expect(try said(type, .integer(range.upper), at: .onExit) == "\(range.upper)", "\(type)")
            if range.upper < UInt64.max / 2 {
                let above = range.upper + 1
                #expect(try refusal("take_\(type)", [Argument(type, .integer(above))]).contains("not hold"))
            }
            if range.lower < 0, range.lower > Int64.min {
                let below = UInt64(bitPattern: range.lower - 1)
                #expect(try refusal("take_\(type)", [Argument(type, .integer(below))]).contains("not hold"))
            }
        }
    }

    @Test func `passes other constants`() throws {
        #expect(try said(.f32, .real(0.1), at: .onExit) == "0.100000001")
        #expect(try said(.f64, .real(0.1), at: .onExit) == "0.10000000000000001")
        #expect(try said(.cstr, .text("READY=1"), at: .onExit) == "7 READY=1")
        #expect(try said(.str, .text("å"), at: .onExit) == "2 å")
        #expect(try said(.ptr, .integer(0), at: .onExit) == "NULL")
        #expect(try said(.fn, .integer(0), at: .onExit) == "NULL")
    }

    @Test(
        arguments: [
            Argument(.void, .integer(0)), Argument(.f64, .integer(0)), Argument(.ptr, .integer(1)),
            Argument(.i32, .real(1)), Argument(.cstr, .real(1)), Argument(.i32, .text("1")), Argument(.ptr, .text("")),
            Argument(.cstr, .text("a\0b")), Argument(.u64, .call), Argument(.cstr, .fact(.hostLogLine)),
            Argument(.u64, .fact(.hostSelf)),
        ])
    fileprivate func `refuses a source that is not of the type`(argument: Argument) throws {
        #expect(try refusal("give_void", [argument]).hasPrefix("hook post_request, function give_void: argument 1"))
    }

    @Test func `refuses a fact that the point does not have`() throws {
        #expect(
            try refusal("give_void", [Argument(.u32, .fact(.responseStatus))], at: .preRequest)
                == "hook pre_request, function give_void: argument 1 cannot be \"u32 response.status\": "
                + "a call at this hook does not have it")
    }

    @Test func `passes twelve arguments, and no more`() throws {
        let twelve = [
            Self.log, Argument(.i8, .integer(UInt64(bitPattern: -3))), Argument(.f64, .real(1.5)),
            Argument(.cstr, .fact(.requestPath)), Argument(.str, .fact(.requestMethod)),
            Argument(.u16, .integer(65535)), Argument(.f32, .real(-2.5)), Argument(.u64, .fact(.responseBytes)),
            Argument(.str, .text("text")), Argument(.f64, .fact(.serverPort)), Argument(.i32, .fact(.serverPid)),
            Argument(.bool, .integer(1)),
        ]
        let plugin = try plugin("take_twelve", twelve, returns: .status)
        #expect(call(plugin, .postRequest) == .handled)
        #expect(recorder.lines == ["info: -3 1.5 /path GET 65535 -2.5 6000000000 text 65535 -42 1"])
        #expect(try refusal("take_twelve", twelve + [Self.log]).contains("one too many"))
    }

    // MARK: Results

    @Test(
        arguments: [
            (Int32(0), HookOutcome.ok), (1, .handled), (2, .deny), (-1, .error), (-2, .retry), (77, .misbehaved(77)),
            (Int32.min, .misbehaved(.min)),
        ])
    func `makes an outcome of a status`(status: Int32, outcome: HookOutcome) throws {
        let plugin = try plugin(
            "give_status", [Argument(.i32, .integer(UInt64(bitPattern: Int64(status))))], returns: .status,
            at: .preRequest)
        #expect(call(plugin, .preRequest) == outcome)
    }

    @Test(
        arguments: [
            (CallSignature.Result.errno, UInt64(0), HookOutcome.ok), (.errno, 5, .error), (.errno, 1, .error),
            (.errno, 0xdead_0000_0000, .ok), (.ok, 1, .ok), (.ok, 0, .error), (.ok, 0xdead_00, .error),
            (.ok, 0xdead_01, .ok), (.status, 0xdead_0000_0001, .handled),
        ])
    func `looks at the bits of the result's type alone`(
        result: CallSignature.Result, bits: UInt64, outcome: HookOutcome
    ) throws {
        let plugin = try plugin("give_bits", [Argument(.u64, .integer(bits))], returns: result)
        #expect(call(plugin, .postRequest) == outcome)
    }

    @Test(arguments: CallType.allCases) func `ignores a result of any type`(type: CallType) throws {
        let arguments = type == .bool ? [Argument(.bool, .integer(0))] : []
        let plugin = try plugin("give_\(type)", arguments, returns: .ignored(type))
        #expect(call(plugin, .postRequest) == .ok)
    }

    // MARK: Texts that are copied

    private static let two = [
        log, Argument(.cstr, .fact(.requestPath)), Argument(.cstr, .fact(.requestQuery)),
    ]

    @Test(arguments: [(16383, 0), (0, 16383), (8000, 8382), (16382, 0)])
    func `copies texts of 16 KiB in all, each with its NUL`(path: Int, query: Int) throws {
        let plugin = try plugin("take_two", Self.two)
        let request = Request(path: Array(repeating: 97, count: path), query: Array(repeating: 98, count: query))
        #expect(call(plugin, .postRequest, request) == .ok)
        #expect(recorder.lines == ["info: \(path) \(query)"])
    }

    @Test(arguments: [(16384, 0), (8000, 8383), (0, 1 << 20)])
    func `fails without a call if there is more`(path: Int, query: Int) throws {
        let plugin = try plugin("take_two", Self.two)
        let request = Request(path: Array(repeating: 97, count: path), query: Array(repeating: 98, count: query))
        #expect(call(plugin, .postRequest, request) == .error)
        #expect(recorder.lines.isEmpty)
    }

    @Test func `fails without a call if a text has a NUL inside`() throws {
        let plugin = try plugin("take_two", Self.two)
        #expect(call(plugin, .postRequest, Request(path: Array("/a\0b".utf8))) == .error)
        #expect(recorder.lines.isEmpty)
    }

    @Test func `fails without a call if the host has nothing to tell`() throws {
        let plugin = try plugin("take_u64", [Self.log, Argument(.u64, .fact(.responseBytes))])
        #expect(plugin.call(.postRequest, block, deadline: 0) == .error)
        #expect(recorder.lines.isEmpty)
    }

    // MARK: Threads

    @Test(arguments: [false, true]) func `is carried out by several threads at once`(guards: Bool) throws {
        let cell = Shared(
            try plugin(
                "compare", [Argument(.cstr, .fact(.requestPath)), Argument(.cstr, .fact(.requestQuery))],
                returns: .status, guards: guards))
        #expect(cell.plugin.isolation == (guards ? .guarded : .inline))
        let failures = Mutex(0)
        let running = Mutex(4)
        for thread in 0..<4 {
            let text = Array(repeating: UInt8(97 + thread), count: 10 + 1000 * thread)
            let started = SystemThread.start {
                let block = FactBlock()
                block.update(Told.facts)
                Request(path: text, query: text).with { request in
                    for _ in 0..<2000 {
                        let outcome = cell.plugin.call(.postRequest, block, request: request, deadline: 0)
                        if outcome != .ok { failures.withLock { $0 += 1 } }
                    }
                }
                running.withLock { $0 -= 1 }
            }
            try #require(started)
        }
        try eventually("all threads are done") { running.withLock { $0 == 0 } }
        #expect(failures.withLock { $0 } == 0)
    }
}

/// A plugin that threads call at once, as they may.
private final class Shared: @unchecked Sendable {
    let plugin: LoadedPlugin

    init(_ plugin: LoadedPlugin) { self.plugin = plugin }
}
