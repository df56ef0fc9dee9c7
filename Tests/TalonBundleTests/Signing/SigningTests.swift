import Glibc
import TalonHooks
import TalonPlatform
import TalonTesting
import Testing

@testable import TalonBundle

private let message = Array("schema: 1\n".utf8)

@Suite struct `The signature of a manifest` {
    @Test func `is that of RFC 8032`() throws {
        // Section 7.1, test 2: one byte.
        let secret: [UInt8] = [
            0x4c, 0xcd, 0x08, 0x9b, 0x28, 0xff, 0x96, 0xda, 0x9d, 0xb6, 0xc3, 0x46, 0xec, 0x11, 0x4e, 0x0f,
            0x5b, 0x8a, 0x31, 0x9f, 0x35, 0xab, 0xa6, 0x24, 0xda, 0x8c, 0xf6, 0xed, 0x4f, 0xb8, 0xa6, 0xfb,
        ]
        let pair = try #require(KeyPair(secret: secret))
        #expect(pair.publicKey.bytes.prefix(4) == [0x3d, 0x40, 0x17, 0xc3])
        let signature: [UInt8] = [
            0x92, 0xa0, 0x09, 0xa9, 0xf0, 0xd4, 0xca, 0xb8, 0x72, 0x0e, 0x82, 0x0b, 0x5f, 0x64, 0x25, 0x40,
            0xa2, 0xb2, 0x7b, 0x54, 0x16, 0x50, 0x3f, 0x8f, 0xb3, 0x76, 0x22, 0x23, 0xeb, 0xdb, 0x69, 0xda,
            0x08, 0x5a, 0xc1, 0xe4, 0x3e, 0x15, 0x99, 0x6e, 0x45, 0x8f, 0x36, 0x13, 0xd0, 0xf1, 0x1d, 0x8c,
            0x38, 0x7b, 0x2e, 0xae, 0xb4, 0x30, 0x2a, 0xee, 0xb0, 0x0d, 0x29, 0x16, 0x12, 0xbb, 0x0c, 0x00,
        ]
        let stated = PluginSignature(keyID: pair.publicKey.id, bytes: signature)
        #expect(stated.isValid(for: [0x72], by: pair.publicKey))
    }

    @Test func `is of one key and of exact bytes`() throws {
        let (pair, other) = (try KeyPair.generate(), try KeyPair.generate())
        let signature = try PluginSignature.sign(message, with: pair)
        let read = try PluginSignature.parse(Array(signature.text.utf8), path: "plugin.sig")
        #expect(read == signature && read.isValid(for: message, by: pair.publicKey))
        #expect(!read.isValid(for: message + [10], by: pair.publicKey))
        #expect(!read.isValid(for: message, by: other.publicKey))
        var bytes = signature.bytes
        bytes[5] ^= 1
        #expect(!PluginSignature(keyID: signature.keyID, bytes: bytes).isValid(for: message, by: pair.publicKey))
        let claimed = PluginSignature(keyID: other.publicKey.id, bytes: signature.bytes)
        #expect(!claimed.isValid(for: message, by: other.publicKey))
    }

    @Test(arguments: [
        "", "talon-signature 2\nkey: 0123456789abcdef\nsignature: AAAA\n", "talon-signature 1\n",
        "talon-signature 1\nkey: 0123456789abcdef\n",
        "talon-signature 1\nkey: 0123456789abcdef\nsignature: AAAA\n",
        "talon-signature 1\nkey: 0123456789ABCDEF\nsignature: \(Base64.encode([UInt8](repeating: 0, count: 64)))\n",
        "talon-signature 1\nkey: 0123456789abcdef\nsignature: \(Base64.encode([UInt8](repeating: 0, count: 64)))\nx: y\n",
        "talon-signature 1\nkey: 0123456789abcdef\nkey: 0123456789abcdef\n"
            + "signature: \(Base64.encode([UInt8](repeating: 0, count: 64)))\n",
        String(repeating: "#\n", count: 4000),
    ])
    func `is refused if it is not written as it must be`(text: String) throws {
        let error = try #require(throws: PluginError.self) { try PluginSignature.parse(Array(text.utf8), path: "p") }
        #expect(error.code == .malformed && error.path == "p")
    }

    @Test(
        arguments: [
            ("", []), ("QQ==", [65]), ("QUI=", [65, 66]), ("QUJD", [65, 66, 67]), ("+/+/", [0xfb, 0xff, 0xbf]),
            ("QQ=", nil), ("QQ", nil), ("QR==", nil), ("Q===", nil), ("QQ==QQ==", nil), ("QU\nI=", nil), ("-_-_", nil),
            ("=", nil), ("Q", nil),
        ] as [(String, [UInt8]?)])
    func `has strict Base64`(text: String, bytes: [UInt8]?) {
        #expect(Base64.decode(text) == bytes)
        if let bytes { #expect(Base64.encode(bytes) == text) }
    }
}

@Suite struct `A key` {
    @Test func `is written and read, the secret for its owner only`() throws {
        let directory = try TemporaryDirectory()
        let pair = try KeyPair.generate()
        try pair.write(to: directory.file("me"))
        #expect(FileAccess.status(of: directory.file("me.key"))?.permissions == 0o600)
        let read = try KeyPair.read(directory.file("me.key"))
        #expect(read.publicKey == pair.publicKey)
        #expect(try PublicKey.read(directory.file("me.pub")) == pair.publicKey)
        #expect(throws: PluginError.self) { try pair.write(to: directory.file("me")) }
        for mode in [0o640, 0o604, 0o620] as [mode_t] {
            try #require(chmod(directory.file("me.key"), mode) == 0)
            let error = try #require(throws: PluginError.self) { try KeyPair.read(directory.file("me.key")) }
            #expect(error.code == .exposed && error.reason.contains("is a secret key that others may read"))
        }
    }

    @Test(arguments: ["", "talon-public-key 1\nkey: QQ==\n", "talon-public-key 1\nkey: !\n", "talon-secret-key 1\n"])
    func `is refused if it is none`(text: String) throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(text, to: "x.pub")
        #expect(throws: PluginError.self) { try PublicKey.read(path) }
    }
}

@Suite struct `The trusted keys` {
    @Test func `are those of the folders that only their owners can change`() throws {
        let samples = try SamplePlugins()
        let pairs = try (0..<4).map { _ in try KeyPair.generate() }
        for folder in ["one", "two", "open", "sticky"] { try samples.directory.makeDirectory(folder) }
        try samples.directory.write("# mine\n\n" + pairs[0].publicKey.text, to: "one/a.pub")
        try samples.directory.write(pairs[1].publicKey.text, to: "one/b.pub")
        try samples.setMode(0o666, "one/b.pub")
        try samples.directory.write(pairs[1].publicKey.text, to: "one/b.txt")
        try samples.directory.write(pairs[2].publicKey.text, to: "open/c.pub")
        try samples.setMode(0o777, "open")
        try samples.directory.write(pairs[2].publicKey.text, to: "sticky/c.pub")
        try samples.setMode(0o1777, "sticky")
        try samples.directory.write(pairs[3].publicKey.text, to: "two/d.pub")
        try samples.directory.write("nonsense", to: "two/e.pub")
        let store = TrustStore(["one", "missing", "open", "sticky", "two"].map(samples.path))
        #expect(pairs.map { store.key($0.publicKey.id) != nil } == [true, false, false, true])
        #expect(store.problems.map { Path.name(of: $0.path) } == ["b.pub", "open", "sticky", "e.pub"])
    }

    @Test func `are not silently none where their folder cannot be read`() throws {
        let samples = try SamplePlugins()
        try samples.directory.write("no folder", to: "file")
        let store = TrustStore([samples.path("file"), samples.path("missing")])
        #expect(store.problems.map(\.reason) == ["is a trust folder that cannot be read: Not a directory"])
        try samples.bundle("x.talonplugin", key: KeyPair.generate())
        let error = try samples.refusal("x.talonplugin", trust: store, policy: .requireSignature)
        #expect(error.reason.hasSuffix("(\(samples.path("file")), \(samples.path("missing")))"), "\(error)")
    }
}
