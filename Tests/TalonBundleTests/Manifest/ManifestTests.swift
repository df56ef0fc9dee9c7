import TalonHooks
import Testing

@testable import TalonBundle

@Suite struct `A manifest` {
    @Test func `binds a function of a library of the system`() throws {
        let manifest = try Sample.parse(Sample.systemdNotify)
        #expect(manifest.id == "org.example.systemd-notify")
        #expect(manifest.version == "1.0.0")
        #expect(manifest.library == .name("libsystemd.so.0"))
        #expect(manifest.isolation == nil && manifest.language == nil && manifest.files == nil)
        let description = try manifest.describe(origin: "notify.yaml")
        #expect(description.library == "libsystemd.so.0")
        #expect(!description.hasIdentity)
        #expect(
            description.bindings == [
                .init(
                    .whenReady, symbol: "sd_notify",
                    signature: CallSignature(
                        result: .ignored(.i32),
                        arguments: [.init(.i32, .integer(0)), .init(.cstr, .text("READY=1"))])),
                .init(
                    .onExit, symbol: "sd_notify",
                    signature: CallSignature(
                        result: .ignored(.i32),
                        arguments: [.init(.i32, .integer(0)), .init(.cstr, .text("STOPPING=1"))])),
            ])
    }

    @Test func `may say all there is to say`() throws {
        let manifest = try Sample.parse(Sample.full)
        #expect(manifest.version == "2.1.0-rc.1+build.5")
        #expect(manifest.abi == "1.0")
        #expect(manifest.language == "c++")
        #expect(manifest.library == .relative("lib/full.so"))
        #expect(manifest.isolation == .inline)
        #expect(
            manifest.limits == [
                .whenReady: 250_000_000, .onExit: 1_500_000_000, .preFork: 10_000_000, .workerExit: 120_000_000_000,
            ])
        #expect(manifest.isRequired)
        #expect(manifest.summary == "Two lines\nof text.\n")
        #expect(manifest.license == "MIT")
        #expect(manifest.homepage == "https://example.org/")
        #expect(manifest.author == "Somebody")
        #expect(manifest.config.keys.map(\.name) == ["greeting", "port", "factor", "loud", "password"])
        #expect(manifest.config.key("port")?.defaultText == "80")
        #expect(manifest.config.key("password")?.isSecret == true)
        #expect(manifest.hooks?.map(\.point) == [.postFork, .onExit])
        #expect(manifest.hooks?.map(\.symbol) == ["talon_post_fork", "say"])
        let digest = String(repeating: "0123456789abcdef", count: 4)
        #expect(manifest.files == ["lib/full.so": digest])
    }

    @Test func `without hooks has those that the library exports`() throws {
        let manifest = try Sample.parse(Sample.head)
        #expect(manifest.hooks == nil && manifest.library == nil)
        let description = try manifest.describe(origin: "x", exports: [.onExit, .whenReady])
        #expect(description.bindings == [.init(.whenReady), .init(.onExit)])
        #expect(description.hasIdentity)
    }

    @Test func `may be written as JSON`() throws {
        let manifest = try Sample.parse(#"{"schema": 1, "id": "a.b", "version": "1.0.0", "required": true}"#)
        #expect(manifest.id == "a.b" && manifest.isRequired)
    }

    @Test(arguments: ["1.0.0", "0.0.0", "10.20.30", "1.0.0-a.b-c.0", "1.0.0+5.sha", "1.0.0-x+y-z"])
    func `has a semantic version`(version: String) throws {
        #expect(try Sample.parse("schema: 1\nid: a.b\nversion: \(version)\n").version == version)
    }

    @Test(arguments: ["c": "c", "c++": "c++", "cpp": "c++", "swift": "swift", "rust": "rust"])
    func `names a language`(written: String, meant: String) throws {
        #expect(try Sample.parse(Sample.head + "language: \(written)\n").language == meant)
    }

    @Test(arguments: [
        ("libm.so.6", LibraryReference.name("libm.so.6")), ("/usr/lib/x.so", .absolute("/usr/lib/x.so")),
        ("./x.so", .relative("x.so")), ("lib/x.so", .relative("lib/x.so")),
    ])
    func `names a library`(written: String, meant: LibraryReference) throws {
        #expect(try Sample.parse(Sample.head + "library: \(written)\n").library == meant)
    }

    @Test func `in a bundle names a file, not a library of the system`() throws {
        let manifest = try Sample.parse(Sample.head + "library: x.so\n")
        #expect(try manifest.describe(origin: "x", inBundle: true).library == nil)
        #expect(try manifest.describe(origin: "x").library == "x.so")
    }

    @Test(
        arguments: [
            ("250 ms", 250_000_000), ("250ms", 250_000_000), ("5 s", 5_000_000_000), ("5", 5_000_000_000),
            ("0.000000001", 1), ("2 min", 120_000_000_000), ("10 min", 600_000_000_000), ("0.5 min", 30_000_000_000),
            ("600", 600_000_000_000),
        ] as [(String, UInt64)])
    func `has limits`(written: String, nanoseconds: UInt64) throws {
        let manifest = try Sample.parse(Sample.head + "limits: { on_exit: \(written) }\n")
        #expect(manifest.limits == [.onExit: nanoseconds])
    }
}
