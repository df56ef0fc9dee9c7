import TalonTesting
import Testing

@Suite struct `talon plugin run` {
    @Test func `calls a hook many times and measures it`() throws {
        let directory = try TemporaryDirectory()
        let plugin = try Tool.fixture("handled")
        let result = try Tool.plugin("run", plugin, "--hook", "when_ready", "--repeat", "250", "--json", in: directory)
        #expect(result.status == 0)
        #expect(result.isJSON(ok: true))
        #expect(result.output.contains("\"calls\": 250, \"outcomes\": {\"handled\": 250}"), "\(result.output)")
        #expect(result.output.contains("\"left\": []"))
        let text = try Tool.plugin("run", plugin, "--hook", "when_ready", in: directory).output
        #expect(text.contains("was called 1000 times"))
        for word in ["outcomes  1000 handled", "min", "median", "p99", "memory"] { #expect(text.contains(word)) }
    }

    @Test func `tells what the calls left behind`() throws {
        let directory = try TemporaryDirectory()
        let plugin = try Tool.plugin(when: "dup(2);", "#include <unistd.h>", in: directory)
        let result = try Tool.plugin(
            "run", plugin, "--hook", "when_ready", "--repeat", "3", "--json", in: directory)
        #expect(result.status == 0)
        #expect(result.output.split(separator: "\"what\": \"descriptors\"").count == 4, "\(result.output)")
    }

    @Test func `tells the growth of memory`() throws {
        let directory = try TemporaryDirectory()
        let leak = "memset(malloc(65536), 1, 65536);"
        let plugin = try Tool.plugin(when: leak, "#include <stdlib.h>\n#include <string.h>", in: directory)
        let result = try Tool.plugin(
            "run", plugin, "--hook", "when_ready", "--repeat", "101", "--json", in: directory)
        let rest = result.output.split(separator: "\"memory_growth_bytes\": ").last ?? ""
        let growth = Int(rest.prefix { $0.isNumber }) ?? 0
        #expect(growth > 6_000_000, "\(result.output)")
    }

    @Test func `shows what the plugin logs`() throws {
        let directory = try TemporaryDirectory()
        let log = "call->host->log(call->host, TALON_WARNING, TALON_STR(\"one\\ntwo\"));"
        let plugin = try Tool.plugin(when: log, in: directory)
        let result = try Tool.plugin("run", plugin, "--hook", "when_ready", "--repeat", "1", in: directory)
        #expect(result.output.contains("\nlogged    warning: one\\x0atwo\n"), "\(result.output)")
    }

    @Test func `fails when calls fail`() throws {
        let directory = try TemporaryDirectory()
        let result = try Tool.plugin(
            "run", try Tool.fixture("error"), "--hook", "when_ready", "--repeat", "2", in: directory)
        #expect(result.status == 1)
        #expect(result.output.contains("outcomes  2 error"))
        #expect(result.output.contains("failure   talon_when_ready() failed (TALON_ERROR)"))
    }

    @Test(arguments: [
        ("crash", "talon_when_ready() crashed by SIGSEGV"),
        ("exit", "talon_when_ready() ended its process with status 3"),
        ("sleep", "talon_when_ready() did not end within 1 s, and was killed"),
        ("refuse_in_create", "create() returned -1"), ("no_identity", "talon_plugin_info_1"),
    ]) func `says in which way a plugin failed`(fixture: String, message: String) throws {
        let directory = try TemporaryDirectory()
        let plugin = try Tool.fixture(fixture)
        let words = ["run", plugin, "--hook", "when_ready", "--repeat", "1", "--timeout", "1"]
        let result = try Tool.plugin(words, in: directory)
        #expect(result.status == 1)
        #expect(result.error.contains(message), "\(result.error)")
        let json = try Tool.plugin(words + ["--json"], in: directory)
        #expect(json.status == 1)
        #expect(json.isJSON(ok: false), "\(json.output)")
        #expect(json.output.contains("\"error\": "))
    }

    @Test func `names the hooks that a plugin has`() throws {
        let result = try Tool.plugin(
            "run", try Tool.fixture("handled"), "--hook", "on_exit", in: TemporaryDirectory())
        #expect(result.status == 1)
        #expect(result.error.contains("has no hook on_exit; it has when_ready"))
    }
}
