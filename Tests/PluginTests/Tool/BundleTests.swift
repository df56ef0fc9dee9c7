import Glibc
import TalonTesting
import Testing

@Suite struct `Packing, signing and verifying` {
    @Test func `packs a folder with the digests of its files`() throws {
        let directory = try TemporaryDirectory()
        _ = try Tool.bundle(in: directory)
        let result = try Tool.plugin("pack", "--json", "hello", in: directory)
        #expect(result.status == 0, "\(result.error)")
        #expect(result.isJSON(ok: true))
        let manifest = directory.text("hello/plugin.yaml") ?? ""
        #expect(manifest.hasPrefix("# Who it is.\nschema: 1\n"))
        for name in ["lib/x86_64-linux-gnu/hello.so", "lib/aarch64-linux-gnu/hello.so", "README.md"] {
            #expect(manifest.contains("  \"\(name)\": "), "\(manifest)")
        }
        #expect(!manifest.contains("hello.c"))
        let listing = try run("tar", ["-tzf", directory.file("hello.talonplugin.tar.gz")])
        #expect(listing.output.contains("hello.talonplugin/plugin.yaml\n"), "\(listing.output)")
        #expect(!listing.output.contains("hello.c"))
        #expect(try Tool.plugin("check", "hello.talonplugin.tar.gz", in: directory).status == 0)
    }

    @Test func `gives the same archive for the same files`() throws {
        let directory = try TemporaryDirectory()
        _ = try Tool.bundle(in: directory)
        _ = try Tool.plugin("pack", "hello", "-o", "one.tar.gz", in: directory)
        _ = try Tool.plugin("pack", "hello", "--output=two.tar.gz", in: directory)
        let one = try Files.bytes(directory.file("one.tar.gz"))
        #expect(one.count > 1000)
        #expect(try one == Files.bytes(directory.file("two.tar.gz")))
    }

    @Test func `packs no folder that is no bundle`() throws {
        let directory = try TemporaryDirectory()
        try directory.makeDirectory("empty")
        try directory.makeDirectory("unbuilt")
        try directory.write("schema: 1\nid: org.example.unbuilt\nversion: 1.0.0\n", to: "unbuilt/plugin.yaml")
        try directory.makeDirectory("wrong")
        try directory.write("schema: 7\n", to: "wrong/plugin.yaml")
        for (folder, message) in [
            ("empty", "has no plugin.yaml"), ("unbuilt", "build the plugin first"), ("wrong", "schema"),
            ("missing", "is not there"),
        ] {
            let result = try Tool.plugin("pack", folder, in: directory)
            #expect(result.status == 1)
            #expect(result.error.contains(message), "\(result.error)")
        }
        #expect(Files.names(in: directory.path).allSatisfy { !$0.hasSuffix(".tar.gz") })
    }

    @Test func `packs no link`() throws {
        let directory = try TemporaryDirectory()
        let folder = try Tool.bundle(in: directory)
        #expect(symlink("/etc/passwd", "\(folder)/lib/passwd") == 0)
        let result = try Tool.plugin("pack", "hello", in: directory)
        #expect(result.status == 1)
        #expect(result.error.contains("lib/passwd"))
    }

    @Test func `minds nothing that it does not pack`() throws {
        let directory = try TemporaryDirectory()
        let folder = try Tool.bundle(in: directory)
        try directory.makeDirectory("hello/build")
        #expect(symlink("/nonexistent", "\(folder)/build/link") == 0)
        #expect(mkfifo("\(folder)/build/pipe", 0o644) == 0)
        let result = try Tool.plugin("pack", "hello", in: directory)
        #expect(result.status == 0, "\(result.error)")
    }

    @Test func `reads the file that is named, whatever YAML thinks of its name`() throws {
        let directory = try TemporaryDirectory()
        let bytes = try Files.bytes(Tool.fixture("handled"))
        for name in ["a\u{2028}b.so", "a\u{85}b.so", "\u{feff}.so", "a\"\\\n\u{1}: {b.so", "\u{1f600}.so"] {
            let file = try directory.write(bytes, to: name)
            let result = try Tool.plugin("inspect", "--json", file, in: directory)
            #expect(result.status == 0 && result.isJSON(ok: true), "\(result.output)")
        }
    }

    @Test func `makes a key that only its owner may read`() throws {
        let directory = try TemporaryDirectory()
        let result = try Tool.plugin("keygen", "author", in: directory)
        #expect(result.status == 0)
        var status = stat()
        #expect(stat(directory.file("author.key"), &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
        let secret = directory.text("author.key") ?? ""
        for line in secret.split(separator: "\n").dropFirst() { #expect(!result.output.contains(line)) }
        let again = try Tool.plugin("keygen", "author", in: directory)
        #expect(again.status == 1)
        #expect(again.error.contains("is there already"))
        #expect(directory.text("author.key") == secret)
    }

    @Test func `accepts what a trusted key signed`() throws {
        let directory = try TemporaryDirectory()
        let archive = try Tool.signedArchive(in: directory)
        let result = try Tool.plugin("verify", "--trust", "trust", "--json", archive, in: directory)
        #expect(result.status == 0, "\(result.output)")
        #expect(result.output.contains("\"verification\": \"signed\", \"key_id\": \""))
        #expect(result.output.contains("\"trusted\": true"))
        #expect(result.output.contains("\"policy\": \"require-signature\""))
    }

    @Test func `signs a folder too, and an archive of it is signed`() throws {
        let directory = try TemporaryDirectory()
        _ = try Tool.signedArchive(in: directory)
        #expect(try Tool.plugin("sign", "--key", "author.key", "hello", in: directory).status == 0)
        #expect(try Tool.plugin("verify", "--trust", "trust", "hello", in: directory).status == 0)
        #expect(try Tool.plugin("pack", "hello", "-o", "again.tar.gz", in: directory).status == 0)
        #expect(try Tool.plugin("verify", "--trust", "trust", "again.tar.gz", in: directory).status == 0)
    }

    @Test func `refuses what nobody vouches for`() throws {
        let directory = try TemporaryDirectory()
        let archive = try Tool.signedArchive(in: directory)
        try directory.makeDirectory("nobody")
        let stranger = try Tool.plugin("verify", "--trust", "nobody", archive, in: directory)
        #expect(stranger.status == 1)
        #expect(stranger.error.contains("is not trusted"), "\(stranger.error)")
        _ = try Tool.plugin("pack", "hello", in: directory)
        let unsigned = try Tool.plugin("verify", "--trust", "trust", archive, in: directory)
        #expect(unsigned.status == 1)
        #expect(unsigned.error.contains("is not signed"))
        #expect(try Tool.plugin("verify", "--policy", "require-checksum", archive, in: directory).status == 0)
        let alone = try Tool.plugin("verify", "--policy=require-checksum", try Tool.fixture("handled"), in: directory)
        #expect(alone.status == 1)
    }

    @Test func `refuses what was changed after it was signed`() throws {
        let directory = try TemporaryDirectory()
        _ = try Tool.signedArchive(in: directory)
        _ = try Tool.plugin("sign", "--key", "author.key", "hello", in: directory)
        try directory.write("# hello, changed\n", to: "hello/README.md")
        let file = try Tool.plugin("verify", "--trust", "trust", "hello", in: directory)
        #expect(file.status == 1)
        #expect(file.error.contains("README.md"), "\(file.error)")
        let signing = try Tool.plugin("sign", "--key", "author.key", "hello", in: directory)
        #expect(signing.status == 1)
        #expect(signing.error.contains("README.md is not the file that plugin.yaml states"), "\(signing.error)")
        let packed = try Tool.plugin("pack", "hello", in: directory)
        #expect(packed.output.contains("sign it again"))
        #expect(!Files.exists(directory.file("hello/plugin.sig")))
    }

    @Test func `signs nothing that a signature would not cover`() throws {
        let directory = try TemporaryDirectory()
        _ = try Tool.bundle(in: directory)
        _ = try Tool.plugin("keygen", "author", in: directory)
        let result = try Tool.plugin("sign", "--key", "author.key", "hello", in: directory)
        #expect(result.status == 1)
        #expect(result.error.contains("pack it first"), "\(result.error)")
        _ = try Tool.plugin("pack", "hello", in: directory)
        #expect(chmod(directory.file("author.key"), 0o644) == 0)
        let shown = try Tool.plugin("sign", "--key", "author.key", "hello", in: directory)
        #expect(shown.status == 1)
        #expect(shown.error.contains("others may read"), "\(shown.error)")
        #expect(try Tool.plugin("sign", "--key", "missing.key", "hello", in: directory).status == 1)
    }

    @Test func `inspects a bundle without running it`() throws {
        let directory = try TemporaryDirectory()
        let config =
            "config:\n  token: { type: string, secret: true, default: hidden }\n  port: { type: integer, default: 80 }\n"
        _ = try Tool.bundle(more: config, in: directory)
        let result = try Tool.plugin("inspect", "--json", "hello", in: directory)
        #expect(result.isJSON(ok: true), "\(result.output)")
        for text in [
            "\"id\": \"org.example.hello\"", "\"version\": \"1.0.0\"", "\"form\": \"bundle\"",
            "\"point\": \"when_ready\"",
            "\"name\": \"port\"", "\"default\": \"80\"", "\"verification\": \"unverified\"",
        ] {
            #expect(result.output.contains(text), "\(text): \(result.output)")
        }
        #expect(!result.output.contains("hidden"))
        let text = try Tool.plugin("inspect", "hello", in: directory).output
        #expect(text.contains("id           org.example.hello\n"))
        #expect(text.contains("when_ready: talon_when_ready() in the hook runner, limit 5000 ms"))
        #expect(!text.contains("hidden"))
    }

    @Test func `inspects what crashes when it is loaded`() throws {
        let directory = try TemporaryDirectory()
        let result = try Tool.plugin("inspect", try Tool.fixture("crash_in_constructor"), in: directory)
        #expect(result.status == 0, "\(result.error)")
        let text = try directory.write("no shared object", to: "text.so")
        let refused = try Tool.plugin("inspect", text, in: directory)
        #expect(refused.status == 1)
        #expect(refused.error.contains("ELF"))
    }
}
