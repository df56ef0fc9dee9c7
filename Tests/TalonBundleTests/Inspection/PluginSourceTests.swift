import Glibc
import TalonHooks
import TalonPlatform
import TalonTesting
import Testing

@testable import TalonBundle

@Suite struct `A plugin` {
    @Test func `is read from each form`() throws {
        let samples = try SamplePlugins()
        let hooks = "library: ./plain.so\nhooks:\n  - { point: on_exit, symbol: answer, returns: \"i32 ignore\" }"
        try samples.sharedObject("plain.so", answer: 4, flags: ["-DNO_IDENTITY"])
        try samples.directory.write(SamplePlugins.manifest(hooks), to: "alone.yaml")
        try samples.sharedObject("drop.so")
        try samples.bundle("hello.talonplugin")
        _ = try samples.archive(of: "hello.talonplugin")
        for (name, form, id, points, hasIdentity) in [
            ("drop.so", .sharedObject, "drop", [.whenReady, .postFork], true),
            ("alone.yaml", .manifest, SamplePlugins.id, [.onExit], false),
            ("hello.talonplugin", .bundle, SamplePlugins.id, [.whenReady, .postFork], true),
            ("hello.talonplugin.tar.gz", .archive, SamplePlugins.id, [.whenReady, .postFork], true),
        ] as [(String, PluginSource.Form, String, Set<HookPoint>, Bool)] {
            let source = try PluginSource.read(samples.path(name))
            defer { source.close() }
            let description = try source.describe()
            #expect(source.form == form && source.id == id && description.id == id)
            #expect(description.points == points && description.hasIdentity == hasIdentity)
            #expect(description.origin == samples.path(name) && description.digest == source.digest)
            #expect(description.library == nil)
        }
    }

    @Test func `may be a library of the system`() throws {
        let samples = try SamplePlugins()
        let manifest = SamplePlugins.manifest(
            "library: libc.so.6\nhooks:\n  - { point: on_exit, symbol: getpid, returns: \"i32 ignore\", arguments: [] }"
        )
        try samples.directory.write(manifest, to: "a.yaml")
        let source = try PluginSource.read(samples.path("a.yaml"))
        #expect(source.image == .library("libc.so.6") && source.verification == .unverified)
        let description = try source.describe()
        #expect(description.library == "libc.so.6" && description.digest == "" && !description.hasIdentity)
        for policy in [PluginPolicy.requireChecksum, .requireSignature] {
            #expect(try samples.refusal("a.yaml", policy: policy).code == .unverified)
        }
        try samples.directory.write(
            manifest.replacing("getpid", with: "no_such_function"), to: "b.yaml")
        #expect(
            try samples.refusal("b.yaml").reason.hasPrefix(
                "b.yaml:6: hooks[0].symbol: libc.so.6 exports no function no_such_function"))
        try samples.directory.write(manifest.replacing("libc.so.6", with: "libnope.so.6"), to: "c.yaml")
        #expect(try samples.refusal("c.yaml").reason.contains("needs the library libnope.so.6"))
        try samples.directory.write(SamplePlugins.manifest("hooks: [{point: on_exit}]"), to: "d.yaml")
        #expect(try samples.refusal("d.yaml").reason.hasPrefix("names no library"))
    }

    @Test func `names the place of a mistake in its manifest`() throws {
        let samples = try SamplePlugins()
        try samples.bundle("a.talonplugin")
        try samples.directory.write("schema: 1\nid: nonsense\n", to: "a.talonplugin/plugin.yaml")
        #expect(try samples.refusal("a.talonplugin").reason.hasPrefix("plugin.yaml:2: id: is 'nonsense'"))
        try samples.directory.write([0xff, 0xfe, 0, 1], to: "a.talonplugin/plugin.yaml")
        #expect(try samples.refusal("a.talonplugin").code == .malformed)
    }

    @Test func `has one shared object for this machine`() throws {
        let samples = try SamplePlugins()
        try samples.bundle("a.talonplugin", digests: false)
        try samples.sharedObject("a.talonplugin/\(SamplePlugins.object("other.so"))")
        #expect(try samples.refusal("a.talonplugin").reason.contains("has 2 shared objects"))
        try samples.directory.write(SamplePlugins.manifest("library: other.so"), to: "a.talonplugin/plugin.yaml")
        let source = try PluginSource.read(samples.path("a.talonplugin"))
        #expect(
            source.files
                == [SamplePlugins.object(), SamplePlugins.object("other.so"), "plugin.yaml", "README.md"].sorted())
        source.close()
        try samples.directory.write(SamplePlugins.manifest("library: third.so"), to: "a.talonplugin/plugin.yaml")
        #expect(try samples.refusal("a.talonplugin").reason.contains("has no \(SamplePlugins.object("third.so"))"))
        try samples.directory.makeDirectory("b.talonplugin")
        #expect(try samples.refusal("b.talonplugin").reason.hasPrefix("has no plugin.yaml"))
        try samples.directory.write(SamplePlugins.manifest(), to: "b.talonplugin/plugin.yaml")
        #expect(try samples.refusal("b.talonplugin").reason.hasPrefix("has no shared object in lib/"))
    }

    @Test(arguments: [true, false]) func `is loaded as it was read, whatever becomes of its file`(rewrites: Bool) throws
    {
        let samples = try SamplePlugins()
        let path = try samples.sharedObject("drop.so", answer: 41)
        let source = try PluginSource.read(path)
        defer { source.close() }
        let other = try Files.bytes(samples.sharedObject("other.so", answer: 42))
        if rewrites {
            try Files.write(other, to: path)
        } else {
            try samples.directory.write(other, to: "drop.so")
        }
        let handle = try #require(dlopen(source.image.loadName, RTLD_NOW | RTLD_LOCAL))
        let answer = unsafeBitCast(
            try #require(dlsym(handle, "answer")), to: (@convention(c) () -> Int32).self)
        #expect(answer() == 41)
        guard case .sealed(let image) = source.image else { throw TestFailure("it is not sealed") }
        #expect(!image.writeAll([0]) && ftruncate(image.rawValue, 0) != 0)
        #expect(Digest.hexadecimal(of: try SealedFile.read(image)) == source.digest)
    }
}

@Suite struct `A plugin's digests and signature` {
    private let pair: KeyPair
    private let trust: TrustStore

    init() throws {
        pair = try KeyPair.generate()
        trust = TrustStore(keys: [pair.publicKey])
    }

    @Test func `are what each policy asks for`() throws {
        let samples = try SamplePlugins()
        try samples.sharedObject("drop.so")
        try samples.bundle("plain.talonplugin", digests: false)
        try samples.bundle("digests.talonplugin")
        try samples.bundle("signed.talonplugin", key: pair)
        try samples.bundle("half.talonplugin", digests: false, key: pair)
        try samples.bundle("unknown.talonplugin", key: KeyPair.generate())
        // Accepted without a remark, accepted with one, or refused.
        for (name, allow, checksum, signature) in [
            ("drop.so", "remark", "refused", "refused"), ("plain.talonplugin", "remark", "refused", "refused"),
            ("digests.talonplugin", "yes", "yes", "refused"), ("signed.talonplugin", "yes", "yes", "yes"),
            ("half.talonplugin", "remark", "refused", "refused"),
            ("unknown.talonplugin", "remark", "remark", "refused"),
        ] {
            for (policy, expected) in [
                (PluginPolicy.allowUnverified, allow), (.requireChecksum, checksum), (.requireSignature, signature),
            ] {
                var found = "yes"
                do {
                    let source = try PluginSource.read(samples.path(name), trust: trust, policy: policy)
                    source.close()
                    if !source.remarks.isEmpty { found = "remark" }
                } catch {
                    found = error.code == .unverified ? "refused" : error.description
                }
                #expect(found == expected, "\(name) under \(policy.rawValue)")
            }
        }
        let source = try PluginSource.read(samples.path("signed.talonplugin"), trust: trust)
        source.close()
        #expect(source.verification == .signed(keyID: pair.publicKey.id, isTrusted: true))
    }

    @Test func `answer for each file, if the policy asks for them`() throws {
        let samples = try SamplePlugins()
        let stray = "lib/\(PluginTarget.current)/helper.so.1"
        try samples.bundle("x.talonplugin", key: pair)
        try samples.directory.write("int x;", to: "x.talonplugin/hello.c")
        try PluginSource.read(samples.path("x.talonplugin"), trust: trust, policy: .requireSignature).close()
        _ = try samples.archive(of: "x.talonplugin")
        try samples.directory.write("not signed", to: "x.talonplugin/\(stray)")
        for policy in [PluginPolicy.requireChecksum, .requireSignature] {
            let folder = try samples.refusal("x.talonplugin", trust: trust, policy: policy)
            #expect(folder.code == .unverified && folder.reason.hasPrefix("has \(stray), whose digest"), "\(folder)")
            // In an archive nothing is left of the folder that it was built in.
            let archive = try samples.refusal("x.talonplugin.tar.gz", trust: trust, policy: policy)
            #expect(archive.reason.hasPrefix("has hello.c, whose digest"), "\(archive)")
        }
        try PluginSource.read(samples.path("x.talonplugin"), trust: trust).close()
    }

    @Test(arguments: PluginPolicy.allCases) func `are refused where they are wrong`(policy: PluginPolicy) throws {
        let samples = try SamplePlugins()
        let (object, manifest) = (SamplePlugins.object(), "plugin.yaml")
        let cases: [(String, PluginError.Code, String)] = [
            (object, .unverified, "has been changed: the SHA-256 of \(object)"),
            ("README.md", .unverified, "has been changed: the SHA-256 of README.md"),
            (manifest, .unverified, "has a wrong signature"),
            ("plugin.sig", .malformed, "does not begin with"),
        ]
        for (index, (file, code, reason)) in cases.enumerated() {
            let name = "\(index).talonplugin"
            try samples.bundle(name, key: pair)
            let bytes = try Files.bytes(samples.path("\(name)/\(file)"))
            try samples.directory.write(file == "plugin.sig" ? [10, 120] : bytes + [10], to: "\(name)/\(file)")
            let error = try samples.refusal(name, trust: trust, policy: policy)
            #expect(error.code == code && error.reason.contains(reason), "\(error)")
            guard file != "plugin.sig" else { continue }
            _ = try samples.archive(of: name)
            #expect(try samples.refusal("\(name).tar.gz", trust: trust, policy: policy).code == code)
        }
        try samples.bundle("x.talonplugin", key: pair)
        try #require(unlink(samples.path("x.talonplugin/README.md")) == 0)
        #expect(try samples.refusal("x.talonplugin", trust: trust, policy: policy).reason.hasPrefix("has no README.md"))
    }

    @Test func `come before the rights of the files, and those before what is in them`() throws {
        let samples = try SamplePlugins()
        try samples.bundle("a.talonplugin", key: pair)
        let object = "a.talonplugin/\(SamplePlugins.object())"
        try samples.setMode(0o666, object)
        #expect(try samples.refusal("a.talonplugin", trust: trust).code == .exposed)
        try Files.write(Array("no ELF".utf8), to: samples.path(object))
        #expect(try samples.refusal("a.talonplugin", trust: trust).code == .unverified)
        try samples.bundle("b.talonplugin", digests: false)
        try Files.write(Array("no ELF".utf8), to: samples.path("b.talonplugin/\(SamplePlugins.object())"))
        try samples.setMode(0o666, "b.talonplugin/plugin.yaml")
        #expect(try samples.refusal("b.talonplugin").code == .exposed)
        try samples.setMode(0o644, "b.talonplugin/plugin.yaml")
        #expect(try samples.refusal("b.talonplugin").code == .notELF)
    }

    @Test func `do not help where a folder is open to everybody`() throws {
        let samples = try SamplePlugins()
        try samples.bundle("a.talonplugin", key: pair)
        for folder in ["a.talonplugin", "a.talonplugin/lib", "a.talonplugin/lib/\(PluginTarget.current)", "."] {
            try samples.setMode(0o777, folder)
            #expect(try samples.refusal("a.talonplugin", trust: trust).code == .exposed, "\(folder)")
            try samples.setMode(0o755, folder)
        }
        try PluginSource.read(samples.path("a.talonplugin"), trust: trust, policy: .requireSignature).close()
    }
}
