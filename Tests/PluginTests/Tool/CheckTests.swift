import TalonTesting
import Testing

@Suite struct `talon plugin check` {
    @Test func `accepts a good plugin`() throws {
        let directory = try TemporaryDirectory()
        let plugin = try Tool.plugin(when: "", in: directory)
        let result = try Tool.plugin("check", "--json", plugin, in: directory)
        #expect(result.status == 0)
        #expect(result.isJSON(ok: true))
        #expect(result.output.contains("\"file\": \"\(plugin)\", \"checks\": [{\"name\": "))
        for name in ["read", "load", "identity", "create", "destroy", "hook when_ready", "descriptors", "locale"] {
            #expect(result.check(name)?.status == "ok", "\(name): \(result.output)")
        }
        #expect(try Tool.plugin("check", plugin, in: directory).output.hasSuffix("own.so: ok (0 failed, 0 warnings)\n"))
    }

    @Test(arguments: [
        ("crash_in_constructor", "load", "loading it crashed by SIGSEGV"),
        ("hang_in_constructor", "load", "loading it did not end within 2 s, and was killed"),
        ("missing_library", "load", "cannot be loaded: undefined symbol: talon_test_function_that_nobody_has"),
        ("null_identity", "identity", "its identity is empty"),
        ("refuse_in_create", "create", "its create() returned -1"),
        ("crash", "hook when_ready", "talon_when_ready() crashed by SIGSEGV"),
        ("abort", "hook when_ready", "talon_when_ready() crashed by SIGABRT"),
        ("exit", "hook when_ready", "talon_when_ready() ended its process with status 3"),
        ("sleep", "hook when_ready", "talon_when_ready() did not end within 2 s, and was killed"),
        ("deny", "hook when_ready", "talon_when_ready() misbehaved: it returned 2, which this hook must not"),
        ("unknown_status", "hook when_ready", "talon_when_ready() misbehaved: it returned 77"),
    ]) func `refuses a bad plugin and says where it failed`(fixture: String, name: String, message: String) throws {
        let result = try Tool.plugin(
            "check", "--json", "--timeout", "2", try Tool.fixture(fixture), in: TemporaryDirectory())
        #expect(result.status == 1)
        #expect(result.isJSON(ok: false))
        #expect(result.check(name)?.status == "failed", "\(result.output)")
        #expect(result.check(name)?.message.hasPrefix(message) == true, "\(result.output)")
    }

    @Test func `tells create from destroy`() throws {
        let directory = try TemporaryDirectory()
        let crash = "*(volatile int *)0 = 1;"
        let first = try Tool.plugin(when: "", create: crash, in: directory)
        let created = try Tool.plugin("check", "--json", first, in: directory)
        #expect(created.check("create")?.message == "create() crashed by SIGSEGV", "\(created.output)")
        #expect(created.check("destroy") == nil)
        let second = try Tool.plugin(when: "", destroy: crash, named: "second.so", in: directory)
        let destroyed = try Tool.plugin("check", "--json", second, in: directory)
        #expect(destroyed.check("create")?.status == "ok")
        #expect(destroyed.check("destroy")?.message == "destroy() crashed by SIGSEGV", "\(destroyed.output)")
    }

    @Test func `gives a plugin its settings`() throws {
        let directory = try TemporaryDirectory()
        _ = try Tool.bundle(more: "config:\n  port: { type: integer, required: true }\n", in: directory)
        let without = try Tool.plugin("check", "--json", "hello", in: directory)
        #expect(without.status == 1)
        #expect(without.check("read")?.message.contains("port") == true, "\(without.output)")
        #expect(try Tool.plugin("check", "--config", "port=80", "hello", in: directory).status == 0)
        #expect(try Tool.plugin("check", "--config", "port=high", "hello", in: directory).status == 1)
        #expect(try Tool.plugin("check", "--config", "port", "hello", in: directory).status == 2)
    }

    @Test func `refuses what is no plugin without loading it`() throws {
        let directory = try TemporaryDirectory()
        let text = try directory.write("no shared object", to: "text.so")
        for (file, message) in [
            (try Tool.fixture("no_identity"), "talon_plugin_info_1"), (text, "ELF"),
            (directory.file("missing.so"), "No such file"),
        ] {
            let result = try Tool.plugin("check", "--json", file, in: directory)
            #expect(result.status == 1)
            #expect(result.check("read")?.status == "failed", "\(result.output)")
            #expect(result.check("read")?.message.contains(message) == true, "\(result.output)")
            #expect(result.check("load") == nil)
        }
    }

    @Test func `refuses a plugin for another ABI`() throws {
        let directory = try TemporaryDirectory()
        let plugin = try Tool.fixture("other_abi", ["-DMAJOR=1", "-DMINOR=99"])
        let result = try Tool.plugin("check", "--json", plugin, in: directory)
        #expect(result.status == 1)
        #expect(result.check("identity")?.status == "failed", "\(result.output)")
        #expect(result.check("identity")?.message.contains("needs ABI 1.99") == true)
    }

    @Test func `warns of a hook that fails with the facts of a check`() throws {
        let result = try Tool.plugin("check", "--json", try Tool.fixture("error"), in: TemporaryDirectory())
        #expect(result.status == 0)
        #expect(result.check("hook when_ready")?.status == "warning")
    }

    @Test func `does not call hooks with --no-calls`() throws {
        let directory = try TemporaryDirectory()
        let result = try Tool.plugin("check", "--no-calls", "--json", try Tool.fixture("crash"), in: directory)
        #expect(result.status == 0, "\(result.output)")
        #expect(result.check("create")?.status == "ok")
        #expect(result.check("hook when_ready") == nil)
    }

    struct Trace: Sendable, CustomStringConvertible {
        let part: String
        let status: String
        let body: String
        let message: String
        var description: String { part }
    }

    private static let traces = [
        Trace(part: "descriptors", status: "warning", body: "dup(2);", message: "is left open"),
        Trace(part: "threads", status: "warning", body: "start();", message: "a thread is left running"),
        Trace(part: "signal mask", status: "failed", body: "block();", message: "SIGTERM is blocked"),
        Trace(
            part: "signal actions", status: "failed", body: "signal(SIGUSR1, SIG_IGN);",
            message: "SIGUSR1 now has no effect, not the default action"),
        Trace(
            part: "directory", status: "failed", body: "if (chdir(\"/usr\")) return -1;", message: "is now /usr, not"),
        Trace(part: "umask", status: "failed", body: "umask(0111);", message: "the umask is now 0111"),
        Trace(
            part: "environment", status: "failed", body: "setenv(\"PLUGIN\", \"secret\", 1);",
            message: "the variable PLUGIN is set"),
        Trace(
            part: "locale", status: "failed", body: "setlocale(LC_ALL, \"C.UTF-8\");", message: "is now C.UTF-8, not C"),
    ]

    private static let head = """
        #define _GNU_SOURCE
        #include <locale.h>
        #include <pthread.h>
        #include <signal.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <sys/stat.h>
        #include <unistd.h>
        static void *wait_for_ever(void *none) { for (;;) pause(); return none; }
        static inline void start(void) { pthread_t thread; pthread_create(&thread, NULL, wait_for_ever, NULL); }
        static inline void block(void) {
            sigset_t set;
            sigemptyset(&set);
            sigaddset(&set, SIGTERM);
            sigprocmask(SIG_BLOCK, &set, NULL);
        }
        """

    @Test(arguments: traces) func `compares the process before and after a hook`(trace: Trace) throws {
        let directory = try TemporaryDirectory()
        let plugin = try Tool.plugin(when: trace.body, Self.head, in: directory)
        let result = try Tool.plugin("check", "--json", plugin, in: directory)
        #expect(result.status == (trace.status == "failed" ? 1 : 0), "\(result.output)")
        let check = try #require(result.check(trace.part))
        #expect(check.status == trace.status)
        #expect(check.message.hasPrefix("after talon_when_ready() "), "\(check.message)")
        #expect(check.message.contains(trace.message), "\(check.message)")
        #expect(!result.output.contains("secret"))
        for other in Self.traces where other.part != trace.part {
            #expect(result.check(other.part)?.status == "ok", "\(other.part): \(result.output)")
        }
    }

    @Test func `compares the process before and after create`() throws {
        let directory = try TemporaryDirectory()
        let plugin = try Tool.plugin(when: "", Self.head, create: "dup(2);", in: directory)
        let result = try Tool.plugin("check", "--json", plugin, in: directory)
        #expect(
            result.check("descriptors")?.message.hasPrefix("after create() descriptor ") == true, "\(result.output)")
    }

    @Test func `warns of symbols that no host asks for`() throws {
        let directory = try TemporaryDirectory()
        let plugin = try Tool.plugin(when: "", "int helper(void); int helper(void) { return 1; }", in: directory)
        let result = try Tool.plugin("check", "--json", plugin, in: directory)
        #expect(result.status == 0)
        #expect(result.check("exports")?.status == "warning", "\(result.output)")
        #expect(result.check("exports")?.message.contains("helper") == true)
    }

    @Test func `keeps what a plugin prints out of its own output`() throws {
        let directory = try TemporaryDirectory()
        let plugin = try Tool.plugin(when: "puts(\"noise\"); fflush(stdout);", Self.head, in: directory)
        let result = try Tool.plugin("check", "--json", plugin, in: directory)
        #expect(result.isJSON(ok: true), "\(result.output)")
        #expect(result.error.contains("noise"))
    }

    @Test func `waits for no process that a plugin leaves behind`() throws {
        let directory = try TemporaryDirectory()
        let plugin = try Tool.plugin(
            when: "if (fork() == 0) { setsid(); close(1); close(2); sleep(20); _exit(0); }", Self.head, in: directory)
        let result = try Tool.plugin("check", "--json", "--timeout", "10", plugin, in: directory)
        #expect(result.check("hook when_ready")?.status == "ok", "\(result.output)")
    }
}
