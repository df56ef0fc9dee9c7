import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `A drop-in folder` {
    private func directoryWithPlugins(_ names: [String]) throws -> TemporaryDirectory {
        let directory = try applicationDirectory()
        try directory.makeDirectory("plugins.d")
        for name in names {
            let bytes = try Files.bytes(try Teller.plugin(name.filter(\.isLetter)))
            try directory.write(bytes, to: "plugins.d/\(name).so")
        }
        return directory
    }

    @Test func `is taken in name order, before what is named`() throws {
        let directory = try directoryWithPlugins(["20-b", "10-a"])
        let options = TalonServer.Options.telling(in: directory)
        try serving(
            "app:app", "--plugin-dir", directory.file("plugins.d"), "--plugin", try Teller.plugin("named"),
            in: directory, options: options
        ) { server in
            #expect(directory.told("when_ready").map(\.plugin) == ["a", "b", "named"])
            let page = try server.metrics()
            #expect(page.value("talon_plugin_info", ["plugin": "org.talon.test.a", "version": "1.0.0"]) == 1)
        }
    }

    @Test func `of the user is looked into without being named`() throws {
        let directory = try applicationDirectory()
        for folder in ["config", "config/talon", "config/talon/plugins.d"] { try directory.makeDirectory(folder) }
        try directory.write(Files.bytes(try Teller.plugin()), to: "config/talon/plugins.d/teller.so")
        let options = TalonServer.Options.telling(in: directory)
        try serving("app:app", in: directory, options: options) { _ in
            #expect(directory.told("when_ready").count == 1)
        }
    }

    @Test func `loses what cannot be loaded, which is logged and counted`() throws {
        let directory = try directoryWithPlugins(["10-a"])
        try directory.write("int main;", to: "plugins.d/00-text.so")
        try directory.write("nonsense: [", to: "plugins.d/05-broken.yaml")
        try directory.write("read me", to: "plugins.d/README")
        let options = TalonServer.Options.telling(in: directory)
        try serving("app:app", "--plugin-dir", directory.file("plugins.d"), in: directory, options: options) { server in
            #expect(directory.told("when_ready").map(\.plugin) == ["a"])
            for name in ["00-text.so", "05-broken.yaml"] {
                #expect(server.logLines.filter { $0.contains(name) && $0.contains("[ERROR]") }.count == 1, "\(name)")
            }
            #expect(!server.log.contains("README"))
            let page = try server.metrics()
            #expect(page.sum("talon_plugin_refusals_total") == 2)
        }
    }

    @Test func `loses a file that others may write`() throws {
        let directory = try directoryWithPlugins(["10-a"])
        chmod(directory.file("plugins.d/10-a.so"), 0o777)
        let options = TalonServer.Options.telling(in: directory)
        try serving("app:app", "--plugin-dir", directory.file("plugins.d"), in: directory, options: options) { server in
            #expect(directory.told("when_ready").isEmpty)
            #expect(server.logLines.contains { $0.contains("10-a.so") && $0.contains("[ERROR]") })
        }
    }

    @Test func `remembers what crashed while it was loaded`() throws {
        let directory = try applicationDirectory()
        try directory.makeDirectory("plugins.d")
        let crashing = try Compiler.sharedObject(file: "plugins/crash_in_constructor.c")
        try directory.write(Files.bytes(crashing), to: "plugins.d/bad.so")
        for attempt in 1...2 {
            try serving("app:app", "--plugin-dir", directory.file("plugins.d"), in: directory) { server in
                let line = try #require(server.logLines.last { $0.contains("bad.so") && $0.contains("[ERROR]") })
                if attempt == 2 { #expect(line.contains("crashed when it was last loaded"), "\(line)") }
                let answer = try server.client.get("/").text
                #expect(answer == "ok")
            }
        }
    }
}

@Suite(.serialized) struct `A reload with another plugin` {
    private func serveDropIn(_ body: (TalonServer, TemporaryDirectory) throws -> Void) throws {
        let directory = try applicationDirectory()
        try directory.makeDirectory("plugins.d")
        try directory.write(Files.bytes(try Teller.plugin(version: "1.0.0")), to: "plugins.d/teller.so")
        let options = TalonServer.Options.telling(in: directory)
        try serving("app:app", "--plugin-dir", directory.file("plugins.d"), in: directory, options: options) { server in
            try body(server, directory)
        }
    }

    @Test func `takes the new version, in a new runner and in new workers`() throws {
        try serveDropIn { server, directory in
            let runner = try #require(server.children(.hookRunner).first).pid
            try directory.write(Files.bytes(try Teller.plugin(version: "2.0.0")), to: "plugins.d/teller.so")
            server.signal(SIGHUP)
            try server.waitForLog("Reloaded")
            let reload = try #require(directory.told("on_reload").last)
            #expect(reload["version"] == "2.0.0")
            let fork = try #require(directory.told("post_fork").last)
            #expect(fork["version"] == "2.0.0")
            try eventually("the old runner has ended") { !server.children(.hookRunner).map(\.pid).contains(runner) }
            let page = try server.metrics()
            #expect(page.value("talon_plugin_info", ["plugin": "org.talon.test.teller", "version": "2.0.0"]) == 1)
            #expect(page.value("talon_plugin_info", ["plugin": "org.talon.test.teller", "version": "1.0.0"]) == 0)
        }
    }

    @Test func `keeps the old version if the new one is bad, and says so`() throws {
        try serveDropIn { server, directory in
            try directory.write("no longer a plugin", to: "plugins.d/teller.so")
            server.signal(SIGHUP)
            try server.waitForLog("Reloaded")
            let fork = try #require(directory.told("post_fork").last)
            #expect(fork["version"] == "1.0.0")
            #expect(server.logLines.contains { $0.contains("teller.so") && $0.contains("[ERROR]") })
            #expect(server.children(.hookRunner).count == 1)
        }
    }

    @Test func `keeps the runner of a plugin that is as it was`() throws {
        try serveDropIn { server, directory in
            let runner = try #require(server.children(.hookRunner).first).pid
            server.signal(SIGHUP)
            try server.waitForLog("Reloaded")
            #expect(server.children(.hookRunner).map(\.pid) == [runner])
            #expect(directory.told("on_reload").count == 1)
        }
    }

    @Test func `takes a plugin that is new, and lets one go that is gone`() throws {
        try serveDropIn { server, directory in
            try directory.write(Files.bytes(try Teller.plugin("other")), to: "plugins.d/other.so")
            server.signal(SIGHUP)
            try server.waitForLogs("Reloaded", count: 1)
            #expect(directory.told("post_fork").suffix(2).map(\.plugin) == ["other", "teller"])
            unlink(directory.file("plugins.d/teller.so"))
            server.signal(SIGHUP)
            try server.waitForLogs("Reloaded", count: 2)
            let fork = try #require(directory.told("post_fork").last)
            #expect(fork.plugin == "other")
            try eventually("its runner has ended, in good order") {
                directory.told("destroy").contains { $0.plugin == "teller" } && server.children(.hookRunner).count == 1
            }
        }
    }
}
