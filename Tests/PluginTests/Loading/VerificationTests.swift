import TalonTesting
import Testing

@Suite(.serialized) struct `A server that asks for signatures` {
    /// An application, and beside it the signed bundle hello.talonplugin, a folder, whose key is in `trust`.
    private func directory() throws -> TemporaryDirectory {
        let directory = try applicationDirectory()
        let archive = try Tool.signedArchive(in: directory)
        let unpacked = try run("tar", ["-xzf", archive, "-C", directory.path])
        guard unpacked.status == 0 else { throw TestFailure(unpacked.error) }
        return directory
    }

    /// Changes one byte in the middle of a file.
    private func tamper(_ name: String, in directory: TemporaryDirectory) throws {
        var bytes = try Files.bytes(directory.file(name))
        let place = bytes.count / 2
        try #require(bytes.indices.contains(place))
        bytes[place] ^= 1
        try directory.write(bytes, to: name)
    }

    private func pack(in directory: TemporaryDirectory, as name: String = "changed.tar.gz") throws -> String {
        let words = ["--format=ustar", "-czf", directory.file(name), "-C", directory.path, "hello.talonplugin"]
        let packed = try run("tar", words)
        guard packed.status == 0 else { throw TestFailure(packed.error) }
        return directory.file(name)
    }

    private func refusal(
        of plugin: String, policy: String = "require-signature", trust: String = "trust",
        in directory: TemporaryDirectory
    ) throws -> String {
        try starting(
            "app:app", "--plugin", plugin, "--plugin-policy", policy, "--plugin-trust", directory.file(trust),
            in: directory
        ) { server in
            let end = try server.waitForExit()
            #expect(end == .exited(1))
            return server.logLines.last ?? ""
        }
    }

    @Test func `serves with a plugin that a trusted key signed, as folder and as archive`() throws {
        let directory = try directory()
        for plugin in ["hello.talonplugin", "hello.talonplugin.tar.gz"] {
            try serving(
                "app:app", "--plugin", directory.file(plugin), "--plugin-policy", "require-signature",
                "--plugin-trust", directory.file("trust"), in: directory
            ) { server in
                let answer = try server.client.get("/").text
                #expect(answer == "ok")
                let page = try server.metrics()
                #expect(page.value("talon_plugin_info", ["plugin": "org.example.hello", "version": "1.0.0"]) == 1)
            }
        }
    }

    @Test(arguments: [
        ("lib/\(target)/hello.so", "has been changed"), ("README.md", "has been changed"),
        ("plugin.yaml", "has a wrong signature"), ("plugin.sig", "signature"),
    ])
    func `does not start with one of which a byte was changed`(file: String, reason: String) throws {
        let directory = try directory()
        try tamper("hello.talonplugin/\(file)", in: directory)
        for plugin in [directory.file("hello.talonplugin"), try pack(in: directory)] {
            let line = try refusal(of: plugin, in: directory)
            #expect(line.contains(plugin) && line.contains(reason), "\(line)")
        }
    }

    @Test func `does not start with one that is not signed, or not by whom it trusts`() throws {
        let directory = try directory()
        try directory.makeDirectory("nobody")
        let archive = directory.file("hello.talonplugin.tar.gz")
        let stranger = try refusal(of: archive, trust: "nobody", in: directory)
        #expect(stranger.contains("is not trusted") && stranger.contains(directory.file("nobody")), "\(stranger)")
        try #require(try run("rm", [directory.file("hello.talonplugin/plugin.sig")]).status == 0)
        for plugin in [directory.file("hello.talonplugin"), try pack(in: directory)] {
            let unsigned = try refusal(of: plugin, in: directory)
            #expect(unsigned.contains("is not signed"), "\(unsigned)")
        }
        let alone = try refusal(of: Tool.fixture("handled"), policy: "require-checksum", in: directory)
        #expect(alone.contains("has no manifest that states its digest"), "\(alone)")
    }

    @Test func `does not start with a file that nobody signed in a signed bundle`() throws {
        let directory = try directory()
        try directory.write("more", to: "hello.talonplugin/lib/more.so")
        for plugin in [directory.file("hello.talonplugin"), try pack(in: directory)] {
            let line = try refusal(of: plugin, in: directory)
            #expect(line.contains("has lib/more.so, whose digest"), "\(line)")
        }
    }

    @Test func `skips in a drop-in folder what is not signed, and serves with what is`() throws {
        let directory = try directory()
        try directory.makeDirectory("plugins.d")
        let archive = try Files.bytes(directory.file("hello.talonplugin.tar.gz"))
        try directory.write(archive, to: "plugins.d/30-good.tar.gz")
        try directory.write(Files.bytes(Tool.fixture("handled")), to: "plugins.d/10-alone.so")
        try tamper("hello.talonplugin/lib/\(target)/hello.so", in: directory)
        try directory.write(Files.bytes(pack(in: directory)), to: "plugins.d/20-bad.tar.gz")
        try serving(
            "app:app", "--plugin-dir", directory.file("plugins.d"), "--plugin-policy", "require-signature",
            "--plugin-trust", directory.file("trust"), in: directory
        ) { server in
            for name in ["10-alone.so", "20-bad.tar.gz"] {
                let lines = server.logLines.filter { $0.contains(name) && $0.contains("[ERROR]") }
                #expect(lines.count == 1, "\(name)")
            }
            let page = try server.metrics()
            #expect(page.value("talon_plugin_info", ["plugin": "org.example.hello", "version": "1.0.0"]) == 1)
            #expect(page.sum("talon_plugin_refusals_total") == 2)
        }
    }
}

/// The folder of this machine's shared objects in a bundle.
#if arch(arm64)
private let target = "aarch64-linux-gnu"
#else
private let target = "x86_64-linux-gnu"
#endif
