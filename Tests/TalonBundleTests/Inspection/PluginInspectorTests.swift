import Glibc
import TalonHooks
import TalonPlatform
import TalonTesting
import Testing

@testable import TalonBundle

@Suite struct `The plugins of a server` {
    @Test func `are those of the folders by name, then those of the entries`() throws {
        let samples = try SamplePlugins()
        for folder in ["drop", "more", "else"] { try samples.directory.makeDirectory(folder) }
        for name in ["drop/b.so", "drop/B.so", "drop/a.so", "more/1.so", "else/z.so"] {
            try samples.sharedObject(name)
        }
        try samples.bundle("drop/c.talonplugin", id: "org.example.c")
        try samples.bundle("drop/0.talonplugin", id: "org.example.zero")
        _ = try samples.bundle("packed.talonplugin", id: "org.example.packed")
        let archive = try samples.archive(of: "packed.talonplugin")
        try #require(rename(archive, samples.path("drop/d.tar.gz")) == 0)
        for name in ["drop/.hidden.so", "drop/x.so.disabled", "drop/readme.txt", "drop/plugin.so.bak"] {
            try samples.directory.write("no plugin", to: name)
        }
        try samples.directory.write("a file", to: "drop/file.talonplugin")
        let found = samples.inspect([samples.path("else/z.so")], folders: ["drop", "missing", "more"])
        #expect(found == ["org.example.zero", "B", "a", "b", "org.example.c", "org.example.packed", "1", "z"])
    }

    @Test func `are told with what the log should say`() throws {
        let samples = try SamplePlugins()
        try samples.directory.makeDirectory("drop")
        try samples.sharedObject("drop/a.so")
        #expect(
            samples.inspect(remarks: true) == [
                "# plugin \(samples.path("drop/a.so")) is loaded without verification: it has no manifest", "a",
            ])
    }

    @Test func `leave out what cannot be used, and say if it was named`() throws {
        let samples = try SamplePlugins()
        try samples.directory.makeDirectory("drop")
        try samples.directory.write("no ELF file", to: "drop/bad.so")
        try samples.sharedObject("drop/good.so")
        let found = samples.inspect([samples.path("none.so"), "{path: 1, nonsense: 2}", "{id: org.example.none}"])
        #expect(found.count == 5)
        #expect(found.first?.hasPrefix("!plugins[1]: plugins[1]:1: ") == true)
        #expect(
            found.dropFirst().prefix(3) == [
                "-bad.so: is no ELF file; a plugin is a shared object", "good",
                "!none.so: cannot be read: No such file or directory",
            ])
        #expect(
            found.last?.hasPrefix("!org.example.none: is configured in plugins[2], and no plugin of this id") == true)
        #expect(
            samples.inspect(["{path: \(samples.path("drop/bad.so"))}"]) == [
                "!bad.so: is no ELF file; a plugin is a shared object", "good",
            ])
    }

    @Test func `are there once, and each under an id of its own`() throws {
        let samples = try SamplePlugins()
        try samples.directory.makeDirectory("drop")
        try samples.directory.makeDirectory("more")
        try samples.sharedObject("drop/a.so")
        try samples.sharedObject("more/a.so")
        try #require(symlink(samples.path("drop/a.so"), samples.path("more/link.so")) == 0)
        #expect(samples.inspect([samples.path("drop/a.so"), "\(samples.path("drop"))/../drop/a.so"]) == ["a"])
        let found = samples.inspect(folders: ["drop", "more"])
        #expect(found == ["a", "-a.so: has the id a, which \(samples.path("drop/a.so")) has too; remove one of them"])
    }

    @Test func `are configured by their id or path`() throws {
        let samples = try SamplePlugins()
        try samples.directory.makeDirectory("drop")
        try samples.bundle(
            "drop/h.talonplugin", "config: { greeting: { type: string, default: hello } }")
        try samples.sharedObject("drop/other.so")
        var plugins: [PluginDescription] = []
        let query = PluginQuery(
            entries: [
                "{id: \(SamplePlugins.id), required: true, config: {greeting: hi}}",
                "{path: \(samples.path("drop/other.so")), timeout: 3s, config: {a: 1}}",
            ], folders: [samples.path("drop")], policy: .allowUnverified, trustFolders: [],
            stateFolder: samples.path("state"))
        PluginInspector.inspect(query) { finding in
            if case .plugin(let plugin) = finding { plugins.append(plugin.description) }
            if case .refused(let origin, let reason, _) = finding { Issue.record("\(origin) \(reason)") }
            return true
        }
        try #require(plugins.count == 2)
        #expect(plugins[0].isRequired && plugins[0].isNamed && plugins[0].config.map(\.value) == ["hi"])
        #expect(plugins[1].timeLimit(at: .whenReady) == 3_000_000_000 && plugins[1].config.map(\.value) == ["1"])
        #expect(
            samples.inspect([
                "{id: \(SamplePlugins.id), enabled: false}", "{path: \(samples.path("drop/other.so")), enabled: false}",
            ])
                == [])
    }

    @Test func `are not loaded again once they crashed`() throws {
        let samples = try SamplePlugins()
        try samples.directory.makeDirectory("drop")
        let path = try samples.sharedObject("drop/a.so")
        let digest = Digest.hexadecimal(of: try Files.bytes(path))
        CrashMemory(folder: samples.path("state")).remember(digest: digest, origin: path, reason: "signal 11")
        #expect(
            samples.inspect() == [
                "-a.so: crashed when it was last loaded (signal 11); change it, or `talon plugin forget \(path)`"
            ])
        CrashMemory(folder: samples.path("state")).forget(digest)
        #expect(samples.inspect() == ["a"])
    }

    @Test func `are 64 at most`() throws {
        let samples = try SamplePlugins()
        try samples.directory.makeDirectory("drop")
        for index in 10..<75 { try samples.sharedObject("drop/\(index).so") }
        let found = samples.inspect()
        #expect(found.count == 65 && found.prefix(64).allSatisfy { !$0.hasPrefix("-") })
        #expect(found.last == "-74.so: is one too many: a server has 64 plugins at most")
    }

    @Test(arguments: [0o777, 0o1777] as [mode_t]) func `are not taken from a folder open to everybody`(mode: mode_t)
        throws
    {
        let samples = try SamplePlugins()
        try samples.directory.makeDirectory("drop")
        try samples.sharedObject("drop/a.so")
        try samples.setMode(mode, "drop")
        let found = samples.inspect()
        #expect(found.count == 1 && found.first?.contains("everybody may write to") == true)
        try samples.setMode(0o755, "drop")
        try samples.setMode(0o666, "drop/a.so")
        #expect(samples.inspect() == ["-a.so: is writable by everybody; run chmod o-w on it"])
    }

    @Test func `are told no more when nobody listens`() throws {
        let samples = try SamplePlugins()
        try samples.directory.makeDirectory("drop")
        for name in ["a", "b", "c"] { try samples.sharedObject("drop/\(name).so") }
        var count = 0
        let query = PluginQuery(
            entries: [], folders: [samples.path("drop")], policy: .allowUnverified, trustFolders: [],
            stateFolder: samples.path("state"))
        PluginInspector.inspect(query) { finding in
            count += 1
            if case .plugin(let plugin) = finding, case .sealed(let image) = plugin.image { image.close() }
            return false
        }
        #expect(count == 1)
    }
}
