import CTalonPlugin
import Glibc
import Synchronization
import TalonPlatform
import TalonTesting
import Testing

@testable import TalonHooks

/// The services of a host, recorded.
private final class Desk: Sendable {
    private struct Record {
        var lines: [String] = []
        var requests: [HostRequest] = []
        var now = 10 * nanosecondsPerSecond
    }
    private let record = Mutex(Record())

    /// "level: text".
    var lines: [String] { record.withLock { $0.lines } }
    var requests: [HostRequest] { record.withLock { $0.requests } }
    func pass(_ nanoseconds: UInt64) { record.withLock { $0.now += nanoseconds } }

    /// Services that answer requests with 98.
    func services(level: LogLevel = .debug) -> HostServices {
        HostServices(
            log: { level, text in self.record.withLock { $0.lines.append("\(level.name): \(text)") } }, level: level,
            setting: { ["workers": "4", "empty": "", "both": "server's"][$0] ?? ($0.hasPrefix("any") ? $0 : nil) },
            request: { request in
                self.record.withLock { $0.requests.append(request) }
                return 98
            })
    }

    func host(level: LogLevel = .debug, config: [(key: String, value: String)] = []) -> PluginHost {
        PluginHost(services: services(level: level), config: config) { self.record.withLock { $0.now } }
    }
}

extension PluginHost {
    /// A table of functions, as the plugin gets it.
    fileprivate func table<Table>(_ id: String, as: Table.Type = Table.self) -> Table? {
        face.pointee.interface(face, id)?.assumingMemoryBound(to: Table.self).pointee
    }
}

/// Text that lives for ever.
private func text(_ string: String) -> talon_str { CText.make(string) }

/// A text that claims to be one.
private var nothing: talon_str { talon_str(data: nil, size: 5) }

@Suite struct `What a plugin gets from its host` {
    private let desk = Desk()

    @Test func `is found by name and version`() throws {
        let host = desk.host()
        let ids = [
            TALON_INTERFACE_LOG, TALON_INTERFACE_CONFIG, TALON_INTERFACE_METRICS, TALON_INTERFACE_SERVER,
            TALON_INTERFACE_DEADLINE,
        ]
        let tables = ids.map { host.face.pointee.interface(host.face, $0) }
        #expect(Set(tables.compactMap { $0 }).count == ids.count)
        #expect(ids.map { host.face.pointee.interface(host.face, $0) } == tables)
        for id in ["", "talon.log", "talon.log/2", "talon.log/10", "TALON.LOG/1", String(repeating: "x", count: 99999)]
        {
            #expect(host.face.pointee.interface(host.face, id) == nil)
        }
        #expect(host.face.pointee.interface(host.face, nil) == nil)
        #expect(host.face.pointee.interface(nil, TALON_INTERFACE_LOG) == nil)
    }

    @Test func `states its size and its version`() throws {
        let host = desk.host()
        #expect(host.face.pointee.struct_size == UInt32(MemoryLayout<talon_host>.size))
        #expect(host.face.pointee.abi_major == 1 && host.face.pointee.abi_minor == 3)
        #expect(try #require(host.table(TALON_INTERFACE_LOG, as: talon_log_1.self)).struct_size == 24)
        #expect(try #require(host.table(TALON_INTERFACE_METRICS, as: talon_metrics_1.self)).struct_size == 56)
        #expect(try #require(host.table(TALON_INTERFACE_DEADLINE, as: talon_deadline_1.self)).struct_size == 24)
    }

    @Test func `does no harm when nothing is passed`() throws {
        let host = desk.host()
        let empty = UnsafeMutablePointer<talon_host>.allocate(capacity: 1)
        empty.initialize(to: talon_host())
        defer { empty.deallocate() }
        let log = try #require(host.table(TALON_INTERFACE_LOG, as: talon_log_1.self))
        let config = try #require(host.table(TALON_INTERFACE_CONFIG, as: talon_config_1.self))
        let server = try #require(host.table(TALON_INTERFACE_SERVER, as: talon_server_1.self))
        let deadline = try #require(host.table(TALON_INTERFACE_DEADLINE, as: talon_deadline_1.self))
        for none in [nil, UnsafePointer(empty)] {
            host.face.pointee.log(none, 1, text("a"))
            log.write(none, 1, text("a"), nil, 0)
            #expect(log.enabled(none, 4) == 0)
            #expect(config.get(none, "workers").data == nil)
            #expect(server.request(none, 3, nothing, nothing) == -1)
        }
        #expect(config.get(host.face, nil).data == nil)
        #expect(deadline.remaining_ns(nil) == .max && deadline.cancelled(nil) == 0)
        #expect(desk.lines.isEmpty)
        log.write(host.face, 1, nothing, nil, 3)
        host.face.pointee.log(host.face, 1, nothing)
        let field = talon_field(key: nothing, value: nothing)
        withUnsafePointer(to: field) { log.write(host.face, 1, nothing, $0, 1) }
        #expect(desk.lines == ["info: ", "info: ", "info:  _=\"\""])
    }
}

@Suite struct `The log of a plugin` {
    private let desk = Desk()

    private func write(_ host: PluginHost, _ message: String, _ fields: [(String, String)] = [], severity: Int32 = 1)
        throws
    {
        let log = try #require(host.table(TALON_INTERFACE_LOG, as: talon_log_1.self))
        let list = fields.map { talon_field(key: text($0.0), value: text($0.1)) }
        log.write(host.face, severity, text(message), list, list.count)
    }

    @Test(
        arguments: [
            ("plain", "plain"), ("/a:b,c;{d}'\\", "/a:b,c;{d}'\\"), ("ünï", "ünï"), ("", "\"\""),
            ("two words", "\"two words\""), ("a=b", "\"a=b\""), ("say \"hi\" \\", "\"say \\\"hi\\\" \\\\\""),
            ("a\nb\u{7f}", "\"a\\x0ab\\x7f\""), ("\0", "\"\\x00\""),
        ])
    func `shows a value so that it can be read back`(value: String, shown: String) throws {
        try write(desk.host(), "said", [("first", "1"), ("key", value), ("last", "z")])
        #expect(desk.lines == ["info: said first=1 key=\(shown) last=z"])
    }

    @Test func `has keys that cannot be taken for anything else`() throws {
        try write(desk.host(), "a", [("a b=\"c\n", "1"), ("", "2"), ("ü.x-y", "3")])
        #expect(desk.lines == ["info: a a_b__c_=1 _=2 ü.x-y=3"])
    }

    @Test func `is of single lines`() throws {
        let host = desk.host()
        try write(host, "a\n[2026] [1] [ERROR] forged\r\u{1b}[0m")
        host.face.pointee.log(host.face, 3, text("b\nc"))
        #expect(desk.lines == ["info: a\\x0a[2026] [1] [ERROR] forged\\x0d\\x1b[0m", "error: b\\x0ac"])
    }

    @Test func `takes 64 fields at most`() throws {
        try write(desk.host(), "m", (0..<200).map { ("k\($0)", "v") })
        #expect(desk.lines.first?.split(separator: " ").count == 1 + 1 + 64)
        #expect(desk.lines.first?.hasSuffix(" k63=v") == true)
    }

    @Test func `cuts lines that are too long`() throws {
        let long = String(repeating: "x", count: 3 << 20)
        let host = desk.host()
        host.face.pointee.log(host.face, 1, text(long))
        try write(host, "m", [("k", long), ("k", long)])
        try write(host, "m", [(long, "v")])
        try write(host, String(repeating: "\n", count: 16384))
        #expect(desk.lines.count == 4)
        for line in desk.lines { #expect(line.utf8.count == 16384 + "info: ".utf8.count) }
    }

    @Test func `repairs what is no text`() throws {
        let host = desk.host()
        let bytes: [CChar] = [-1, 65, -64]
        bytes.withUnsafeBufferPointer { buffer in
            let broken = talon_str(data: buffer.baseAddress, size: 3)
            host.face.pointee.log(host.face, 1, broken)
        }
        #expect(desk.lines == ["info: \u{FFFD}A\u{FFFD}"])
    }

    @Test func `writes what is grave enough, and says so before`() throws {
        let host = desk.host(level: .warning)
        let log = try #require(host.table(TALON_INTERFACE_LOG, as: talon_log_1.self))
        for severity in [-1, 0, 1, 2, 3, 4, 99, .max, .min] as [Int32] {
            host.face.pointee.log(host.face, severity, text("plain \(severity)"))
            try write(host, "fields \(severity)", severity: severity)
            let written = desk.lines.contains { $0.hasSuffix(": plain \(severity)") }
            #expect(written == desk.lines.contains { $0.hasSuffix(": fields \(severity)") })
            #expect((log.enabled(host.face, severity) == 1) == written)
            #expect(written == ![0, 1].contains(severity))
        }
        #expect(desk.lines.contains("critical: plain 4") && desk.lines.contains("error: plain 99"))
    }

    @Test func `is at most 1000 lines a second, and says how many were dropped`() throws {
        let host = desk.host()
        for count in 0..<1500 {
            if count % 2 == 0 {
                try write(host, "\(count)")
            } else {
                host.face.pointee.log(host.face, 0, text("\(count)"))
            }
        }
        #expect(desk.lines.count == 1000 && desk.lines.last == "debug: 999")
        desk.pass(nanosecondsPerSecond - 1)
        try write(host, "still too many")
        #expect(desk.lines.count == 1000)
        desk.pass(1)
        try write(host, "again")
        try write(host, "and again")
        #expect(
            desk.lines.dropFirst(1000)
                == ["warning: 501 lines dropped: more than 1000 in a second", "info: again", "info: and again"])
        // Each plugin has its own limit.
        let other = desk.host()
        for _ in 0..<998 { try write(host, "first") }
        #expect(desk.lines.last == "info: first")
        try write(host, "dropped")
        try write(other, "other")
        #expect(desk.lines.last == "info: other")
    }

    @Test func `does not count lines that are not grave enough`() throws {
        let host = desk.host(level: .info)
        for _ in 0..<5000 { host.face.pointee.log(host.face, 0, text("debug")) }
        try write(host, "seen")
        #expect(desk.lines == ["info: seen"])
    }
}

@Suite struct `The settings of a plugin` {
    private let desk = Desk()

    @Test func `are its own first, then the server's`() throws {
        let host = desk.host(config: [("own", "ö"), ("both", "mine"), ("blank", "")])
        let config = try #require(host.table(TALON_INTERFACE_CONFIG, as: talon_config_1.self))
        func value(_ key: String) -> String? {
            let value = config.get(host.face, key)
            // As long as it says, and NUL-terminated there.
            return value.data.map { data in
                let string = String(cString: data)
                return string.utf8.count == value.size ? string : "wrong size"
            }
        }
        #expect(value("own") == "ö" && value("both") == "mine" && value("workers") == "4")
        #expect(value("blank") == "" && value("empty") == "")
        #expect(value("nope") == nil && value("") == nil && value("own ") == nil)
        #expect(value(String(repeating: "any", count: 1000)) == nil)
    }

    @Test func `stay where they are`() throws {
        let host = desk.host(config: [("own", "1")])
        let config = try #require(host.table(TALON_INTERFACE_CONFIG, as: talon_config_1.self))
        let first = (["own", "workers", "empty"] as [String]).map { config.get(host.face, $0).data }
        for count in 0..<500 { _ = config.get(host.face, "any\(count)") }
        #expect((["own", "workers", "empty"] as [String]).map { config.get(host.face, $0).data } == first)
    }

    @Test func `are not remembered without end`() throws {
        let host = desk.host(config: [("own", "1")])
        let config = try #require(host.table(TALON_INTERFACE_CONFIG, as: talon_config_1.self))
        let given = (0..<3000).count { config.get(host.face, "any\($0)").data != nil }
        #expect(given >= 1000 && given < 1100)
    }
}

@Suite struct `The deadline of a hook` {
    @Test func `is told as the time that is left`() throws {
        let table = Desk().host().table(TALON_INTERFACE_DEADLINE, as: talon_deadline_1.self)
        let functions = try #require(table)
        func left(_ deadline: UInt64) -> (UInt64, Int32) {
            var call = talon_call()
            call.struct_size = UInt32(MemoryLayout<talon_call>.size)
            call.deadline_ns = deadline
            return (functions.remaining_ns(&call), functions.cancelled(&call))
        }
        #expect(left(0) == (.max, 0))
        #expect(left(1) == (0, 1))
        #expect(left(MonotonicClock.now()) == (0, 1))
        let hour = 3600 * nanosecondsPerSecond
        let before = MonotonicClock.now()
        let (rest, cancelled) = left(before + hour)
        #expect(rest <= hour && rest >= hour - (MonotonicClock.now() - before) && cancelled == 0)
        #expect(left(.max).0 > hour && left(.max).1 == 0)
    }
}

/// A plugin that makes requests where it may, and where it may not.
private let asking = #"""
    #include <pthread.h>
    #include <stdio.h>
    #include <stdlib.h>

    #include "talon_plugin.h"

    static void say(const talon_host *host, const char *what, int32_t answer) {
        char line[100];
        int size = snprintf(line, sizeof line, "%s %d", what, answer);
        host->log(host, TALON_INFO, (talon_str){line, (size_t)size});
    }

    static int32_t ask(const talon_host *host, uint32_t kind) {
        const talon_server_1 *server = host->interface(host, TALON_INTERFACE_SERVER);
        return server->request(host, kind, TALON_STR("NAME"), TALON_STR("value"));
    }

    static int32_t create(const talon_host *host, void **state) {
        (void)state;
        say(host, "create", ask(host, TALON_REQUEST_RELOAD));
        return TALON_OK;
    }

    TALON_PLUGIN_FULL("org.example.asking", "1.0.0", create, NULL, NULL)

    static int32_t answer_of_thread;
    static void *other_thread(void *call) {
        answer_of_thread = ask(((const talon_call *)call)->host, TALON_REQUEST_RELOAD);
        return NULL;
    }

    int32_t talon_when_ready(const talon_call *call) {
        const talon_host *host = call->host;
        for (uint32_t kind = 0; kind < 12; kind++) say(host, "hook", ask(host, kind));
        say(host, "hook", ask(host, UINT32_MAX));
        pthread_t thread;
        pthread_create(&thread, NULL, other_thread, (void *)call);
        pthread_join(thread, NULL);
        say(host, "thread", answer_of_thread);
        const talon_config_1 *config = host->interface(host, TALON_INTERFACE_CONFIG);
        talon_str other = config->get(host, "other");
        if (other.data != NULL) say(host, "other", ask((const talon_host *)strtoull(other.data, NULL, 10), 3));
        char *big = calloc(1, 100000);
        const talon_server_1 *server = host->interface(host, TALON_INTERFACE_SERVER);
        say(host, "big", server->request(host, TALON_REQUEST_SET_ENV, TALON_STR("A"), (talon_str){big, 100000}));
        free(big);
        return TALON_OK;
    }
    """#

private let facts = HookFacts(
    server: .init(
        pid: 1, name: "a", version: "1", address: "x", port: 0, workers: 1, generation: 1, startedAt: 0))

@Suite struct `A request to the server` {
    private let directory: TemporaryDirectory
    private let desk = Desk()

    init() throws { directory = try TemporaryDirectory() }

    @Test func `is made inside a hook, on its thread, by its own plugin, and is of the list`() throws {
        let other = desk.host()
        let path = try Compiler.sharedObject(source: asking, named: "asking.so", in: directory, flags: ["-pthread"])
        var resolved = try PluginFile.inspect(path).own
        resolved.description.config = [("other", "\(UInt(bitPattern: other.face))")]
        let plugin = try LoadedPlugin(resolved, services: desk.services())
        #expect(desk.lines == ["info: create -1"] && desk.requests.isEmpty)
        let block = FactBlock()
        block.update(facts)
        #expect(plugin.call(.whenReady, block, deadline: 0) == .ok)
        let answers = [-1] + Array(repeating: 98, count: 9) + [-1, -1, -1]
        let hooks = answers.map { "info: hook \($0)" }
        #expect(Array(desk.lines.dropFirst()) == hooks + ["info: thread -1", "info: other -1", "info: big -1"])
        // What is named belongs to SET_ENV, and the slot to RESTART_WORKER.
        #expect(
            desk.requests
                == (1...9).map {
                    HostRequest(kind: $0, name: $0 == 8 ? "NAME" : "", value: $0 == 7 || $0 == 8 ? "value" : "")
                })
    }
}

/// A plugin that uses `talon.http/1` where it may, and where it may not.
private let browsing = #"""
    #include <pthread.h>
    #include <stdio.h>

    #include "talon_plugin.h"

    TALON_PLUGIN("org.example.browsing", "1.0.0")

    static void all(const talon_call *call, const talon_call *passed) {
        const talon_host *host = call->host;
        const talon_http_1 *http = host->interface(host, TALON_INTERFACE_HTTP);
        char line[200];
        int size;
        if (http == NULL) {
            size = snprintf(line, sizeof line, "none");
        } else {
            talon_str header = http->header(passed, "Host");
            talon_str unnamed = http->header(passed, NULL);
            talon_str body = http->body(passed);
            int32_t added = http->add_header(passed, TALON_STR("X-A"), (talon_str){NULL, 5});
            int32_t stated = http->respond(passed, 418, TALON_STR("text/plain"), TALON_STR("tea"));
            size = snprintf(line, sizeof line, "%.*s %d %.*s %d %d", (int)header.size, header.data ? header.data : "",
                            unnamed.data != NULL, (int)body.size, body.data ? body.data : "", added, stated);
        }
        host->log(host, TALON_INFO, (talon_str){line, (size_t)size});
    }

    static void *other_thread(void *call) {
        all(call, call);
        return NULL;
    }

    int32_t talon_pre_request(const talon_call *call) {
        all(call, call);
        talon_call copy = *call;
        all(call, &copy);
        all(call, NULL);
        pthread_t thread;
        pthread_create(&thread, NULL, other_thread, (void *)call);
        pthread_join(thread, NULL);
        return TALON_OK;
    }

    int32_t talon_post_request(const talon_call *call) {
        all(call, call);
        return TALON_OK;
    }

    int32_t talon_post_fork(const talon_call *call) {
        all(call, call);
        return TALON_OK;
    }
    """#

/// What the inner functions were given.
private let inner = Mutex<[String]>([])

@Suite struct `The request of a hook` {
    private let directory: TemporaryDirectory
    private let desk = Desk()

    init() throws { directory = try TemporaryDirectory() }

    @Test func `is there once a worker offers it, in the hooks of a request, on their thread`() throws {
        let path = try Compiler.sharedObject(source: browsing, named: "browsing.so", in: directory, flags: ["-pthread"])
        let plugin = try LoadedPlugin(PluginFile.inspect(path).own, services: desk.services())
        let block = FactBlock()
        block.update(facts)
        #expect(plugin.call(.preRequest, block, deadline: 0) == .ok)
        #expect(desk.lines == Array(repeating: "info: none", count: 4))

        HostInterfaces.offerHTTP(
            talon_http_1(
                struct_size: UInt32(MemoryLayout<talon_http_1>.size),
                header: { call, name in
                    inner.withLock {
                        $0.append("header \(call?.pointee.point ?? 0) \(name.map { String(cString: $0) } ?? "")")
                    }
                    return text("example.org")
                },
                body: { _ in
                    inner.withLock { $0.append("body") }
                    return text("{}")
                },
                add_header: { _, name, value in
                    inner.withLock { $0.append("add \(CText.read(name)) \(value.size)") }
                    return 0
                },
                respond: { _, status, type, body in
                    inner.withLock { $0.append("respond \(status) \(CText.read(type)) \(CText.read(body))") }
                    return 7
                }))
        #expect(plugin.call(.preRequest, block, deadline: 0) == .ok)
        let nothing = "info:  0  -1 -1"
        #expect(desk.lines.dropFirst(4) == ["info: example.org 0 {} 0 7", nothing, nothing, nothing])
        #expect(inner.withLock { $0 } == ["header 9 Host", "body", "add X-A 0", "respond 418 text/plain tea"])
        #expect(plugin.call(.postRequest, block, deadline: 0) == .ok)
        #expect(desk.lines.last == "info: example.org 0  -1 -1")
        #expect(plugin.call(.postFork, block, deadline: 0) == .ok)
        #expect(desk.lines.last == nothing)
        #expect(inner.withLock { $0.dropFirst(4) } == ["header 10 Host"])
    }
}
