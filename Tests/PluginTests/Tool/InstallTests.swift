import Glibc
import TalonTesting
import Testing

@Suite struct `Installed plugins` {
    @Test func `come from each form of a plugin`() throws {
        let directory = try TemporaryDirectory()
        let archive = try Tool.signedArchive(in: directory)
        let object = try directory.write(Files.bytes(Tool.fixture("handled")), to: "alone.so")
        for (file, name, installed) in [
            (archive, "hello", "hello.talonplugin"), (directory.file("hello"), "folder", "folder.talonplugin"),
            (object, "alone", "alone.so"),
        ] {
            let result = try Tool.plugin("install", "--dir", "plugins", "--name", name, "--json", file, in: directory)
            #expect(result.status == 0, "\(result.output)")
            #expect(result.isJSON(ok: true))
            #expect(result.output.contains("\"file\": \"\(directory.file("plugins/\(installed)"))\""))
            #expect(try Tool.plugin("check", "plugins/\(installed)", in: directory).status == 0)
        }
        #expect(Files.names(in: directory.file("plugins")) == ["alone.so", "folder.talonplugin", "hello.talonplugin"])
        #expect(!Files.exists(directory.file("plugins/folder.talonplugin/hello.c")))
    }

    @Test func `are verified by the policy`() throws {
        let directory = try TemporaryDirectory()
        let archive = try Tool.signedArchive(in: directory)
        let words = ["install", "--dir", "plugins", "--policy", "require-signature"]
        let object = try Tool.plugin(words + [try Tool.fixture("handled")], in: directory)
        #expect(object.status == 1)
        let folder = try Tool.plugin(words + ["hello"], in: directory)
        #expect(folder.status == 1)
        #expect(folder.error.contains("is not signed"), "\(folder.error)")
        let stranger = try Tool.plugin(words + [archive], in: directory)
        #expect(stranger.status == 1)
        #expect(Files.names(in: directory.file("plugins")).isEmpty)
        #expect(try Tool.plugin(words + ["--trust", "trust", archive], in: directory).status == 0)
        #expect(Files.names(in: directory.file("plugins")) == ["hello.talonplugin"])
    }

    @Test func `are not replaced unless that is asked for`() throws {
        let directory = try TemporaryDirectory()
        let old = try directory.write(Files.bytes(Tool.fixture("handled")), to: "own.so")
        let new = try Tool.fixture("error")
        #expect(try Tool.plugin("install", "--dir", "plugins", old, in: directory).status == 0)
        let again = try Tool.plugin("install", "--dir", "plugins", "--name", "own", new, in: directory)
        #expect(again.status == 1)
        #expect(again.error.contains("--replace"))
        #expect(try Files.bytes(directory.file("plugins/own.so")) == Files.bytes(old))
        let words = ["install", "--dir", "plugins", "--name", "own", "--replace", new]
        #expect(try Tool.plugin(words, in: directory).status == 0)
        #expect(try Files.bytes(directory.file("plugins/own.so")) == Files.bytes(new))
        _ = try Tool.plugin("disable", "--dir", "plugins", "own", in: directory)
        let disabled = try Tool.plugin("install", "--dir", "plugins", "--name", "own", new, in: directory)
        #expect(disabled.status == 1)
        #expect(try Tool.plugin(words, in: directory).status == 0)
        #expect(Files.names(in: directory.file("plugins")) == ["own.so"])
    }

    @Test func `are named by the place where they are then`() throws {
        let directory = try TemporaryDirectory()
        let object = try directory.write(Files.bytes(Tool.fixture("handled")), to: "own.so")
        let result = try Tool.plugin("install", "--dir", "plugins", object, in: directory)
        #expect(result.output.contains("plugin \(directory.file("plugins/own.so")) is loaded without verification"))
        #expect(!result.output.contains(".install"), "\(result.output)")
    }

    @Test func `are no manifest whose library is left behind`() throws {
        let directory = try TemporaryDirectory()
        try directory.write(Files.bytes(Tool.fixture("handled")), to: "own.so")
        try directory.write(
            "schema: 1\nid: org.example.own\nversion: 1.0.0\nlibrary: .//own.so\n", to: "own.yaml")
        #expect(try Tool.plugin("inspect", "own.yaml", in: directory).status == 0)
        let result = try Tool.plugin("install", "--dir", "plugins", "own.yaml", in: directory)
        #expect(result.status == 1)
        #expect(result.error.contains("own.yaml needs own.so beside it"), "\(result.error)")
        #expect(Files.names(in: directory.file("plugins")).isEmpty)
    }

    @Test func `are in no folder that a server would not look into`() throws {
        let directory = try TemporaryDirectory()
        let object = try directory.write(Files.bytes(Tool.fixture("handled")), to: "own.so")
        #expect(try Tool.plugin("install", "--dir", "plugins", object, in: directory).status == 0)
        // Sticky too: anybody can add a file.
        #expect(chmod(directory.file("plugins"), 0o1777) == 0)
        for words in [["list"], ["install", "--name", "other", object]] {
            let result = try Tool.plugin(words + ["--dir", "plugins"], in: directory)
            #expect(result.status == 1)
            #expect((result.output + result.error).contains("everybody may write to"), "\(result.output)")
        }
        #expect(Files.names(in: directory.file("plugins")) == ["own.so"])
        #expect(try Tool.plugin("remove", "--dir", "plugins", "own", in: directory).status == 0)
    }

    @Test(arguments: ["../../evil.so", "../evil", "/tmp/evil"])
    func `come from no archive that leads out of its folder`(path: String) throws {
        let directory = try TemporaryDirectory()
        try directory.write("x", to: "payload")
        let archive = directory.file("evil.tar.gz")
        let words = ["-czPf", archive, "--transform", "s,payload,\(path),", "payload"]
        #expect(try run("tar", words, directory: directory.path).status == 0)
        let result = try Tool.plugin("install", "--dir", "plugins", archive, in: directory)
        #expect(result.status == 1)
        #expect(Files.names(in: directory.file("plugins")).isEmpty)
    }

    @Test(arguments: ["", "../up", "a/b", ".hidden", "a b", "x.disabled"])
    func `have a plain name`(name: String) throws {
        let directory = try TemporaryDirectory()
        let result = try Tool.plugin(
            "install", "--dir", "plugins", "--name", name, try Tool.fixture("handled"), in: directory)
        #expect(result.status == 2, "\(result.output)\(result.error)")
        #expect(!Files.exists(directory.file("plugins")))
    }

    @Test func `go where the user's server looks`() throws {
        let directory = try TemporaryDirectory()
        let object = try Tool.fixture("handled")
        guard getuid() != 0 else {
            let help = try Tool.plugin("install", "--help", in: directory)
            #expect(help.output.contains("/etc/talon/plugins.d for root"))
            return
        }
        #expect(try Tool.plugin("install", "--name", "own", object, in: directory).status == 0)
        #expect(Files.exists(directory.file(".config/talon/plugins.d/own.so")))
    }

    @Test func `are listed, disabled, enabled and removed`() throws {
        let directory = try TemporaryDirectory()
        _ = try Tool.bundle(in: directory)
        let object = try Tool.fixture("handled")
        #expect(try Tool.plugin("list", "--dir", "plugins", in: directory).output.hasPrefix("no plugin in "))
        _ = try Tool.plugin("install", "--dir", "plugins", "hello", in: directory)
        _ = try Tool.plugin("install", "--dir", "plugins", "--name", "own", object, in: directory)
        func states() throws -> [String] {
            let result = try Tool.plugin("list", "--dir", "plugins", "--json", in: directory)
            #expect(result.isJSON(ok: true))
            return result.output.split(separator: "\"name\": \"").dropFirst().map { part in
                let words = part.split(separator: "\"")
                return "\(words[0]) \(words[4])"
            }
        }
        #expect(try states() == ["hello.talonplugin enabled", "own.so enabled"])
        #expect(try Tool.plugin("disable", "--dir", "plugins", "hello", in: directory).status == 0)
        #expect(try Tool.plugin("disable", "--dir", "plugins", "hello", in: directory).output.contains("already"))
        #expect(Files.exists(directory.file("plugins/hello.talonplugin.disabled")))
        #expect(try states() == ["hello.talonplugin disabled", "own.so enabled"])
        #expect(try Tool.plugin("enable", "--dir", "plugins", "hello.talonplugin", in: directory).status == 0)
        #expect(try states() == ["hello.talonplugin enabled", "own.so enabled"])
        #expect(try Tool.plugin("remove", "--dir", "plugins", "own.so", in: directory).status == 0)
        #expect(try Tool.plugin("remove", "--dir", "plugins", "hello", in: directory).status == 0)
        #expect(Files.names(in: directory.file("plugins")).isEmpty)
        for command in ["enable", "disable", "remove"] {
            for name in ["hello", "../hello", "."] {
                let result = try Tool.plugin(command, "--dir", "plugins", name, in: directory)
                #expect(result.status == 1)
                #expect(result.error.contains("there is no plugin \(name)"))
            }
        }
    }

    @Test func `are listed as refused if a server would not take them`() throws {
        let directory = try TemporaryDirectory()
        try directory.makeDirectory("plugins")
        try directory.write("no shared object", to: "plugins/text.so")
        let result = try Tool.plugin("list", "--dir", "plugins", in: directory)
        #expect(result.status == 1)
        #expect(result.output.hasPrefix("refused "), "\(result.output)")
        #expect(result.output.contains("ELF"))
    }

    @Test func `may be named by their whole name when two have one`() throws {
        let directory = try TemporaryDirectory()
        _ = try Tool.bundle(in: directory)
        _ = try Tool.plugin("install", "--dir", "plugins", "hello", in: directory)
        _ = try Tool.plugin(
            "install", "--dir", "plugins", "--name", "hello", try Tool.fixture("handled"), in: directory)
        let result = try Tool.plugin("disable", "--dir", "plugins", "hello", in: directory)
        #expect(result.status == 1)
        #expect(result.error.contains("whole name"))
        #expect(try Tool.plugin("disable", "--dir", "plugins", "hello.so", in: directory).status == 0)
    }

    @Test func `that crashed are loaded again once they are forgotten`() throws {
        let directory = try TemporaryDirectory()
        let plugin = try Tool.fixture("handled")
        let inspected = try Tool.plugin("inspect", "--json", plugin, in: directory).output
        let digest = inspected.split(separator: "\"digest\": \"").last?.prefix(64) ?? ""
        try directory.makeDirectory("state")
        try directory.makeDirectory("state/crashed")
        try directory.write("signal 11 in create\n\(plugin)\n", to: "state/crashed/\(digest)")
        let result = try Tool.plugin("forget", "--state", "state", plugin, in: directory)
        #expect(result.status == 0)
        #expect(result.output.contains("signal 11 in create"), "\(result.output)")
        #expect(Files.names(in: directory.file("state/crashed")).isEmpty)
        let again = try Tool.plugin("forget", "--state", "state", plugin, in: directory)
        #expect(again.status == 0)
        #expect(again.output.hasPrefix("nothing is remembered"))
        #expect(try Tool.plugin("forget", "--state", "state", "missing.so", in: directory).status == 1)
    }
}
