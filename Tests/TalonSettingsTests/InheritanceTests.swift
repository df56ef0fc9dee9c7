import TalonPlatform
import TalonTesting
import Testing

@testable import TalonSettings

@Suite struct `An inheritance` {
    /// One with something in every field.
    private static var full: Inheritance {
        var inheritance = Inheritance(masterPid: 4711, home: "/opt/talon", application: "app:app")
        inheritance.slot = 7
        inheritance.age = .max
        inheritance.generation = 1 << 40
        inheritance.listeners = addresses
        inheritance.settings = [("workers", "4"), ("raw_env", "A=b,C=d"), ("accesslog", ""), ("chdir", "/srv/ü\n")]
        inheritance.plugins = [
            InheritedPlugin(index: 3, description: [1, 0, 255], descriptor: 9),
            InheritedPlugin(index: 255, description: [], name: "/p/b.so"),
        ]
        inheritance.environment = [("A", "b=c"), ("EMPTY", "")]
        return inheritance
    }

    private static let addresses: [ListenAddress] = [
        .tcp(host: "127.0.0.1", port: 8000), .tcp(host: "", port: 0), .tcp(host: "::1", port: 65535),
        .tcp(host: "fe80::1%eth0", port: 1), .tcp(host: "example.org", port: 80), .unix(path: "/run/a,b.sock"),
        .unix(path: "a.sock"), .unix(path: "//run/a.sock"), .unix(path: "///a"), .unix(path: "unix:a"),
    ]

    @Test func `arrives as it was sent`() throws {
        let sent = Self.full
        let received = try Inheritance(decoding: sent.encoded)
        #expect(received.masterPid == sent.masterPid && received.home == sent.home)
        #expect(received.application == sent.application && received.slot == sent.slot)
        #expect(received.age == sent.age && received.generation == sent.generation)
        #expect(received.listeners == sent.listeners)
        #expect(received.settings.map(\.name) == sent.settings.map(\.name))
        #expect(received.settings.map(\.value) == sent.settings.map(\.value))
        #expect(received.plugins == sent.plugins)
        #expect(received.environment.map { "\($0.name) \($0.value)" } == ["A b=c", "EMPTY "])
        #expect(received.encoded == sent.encoded)
    }

    @Test(arguments: addresses) func `carries an address`(address: ListenAddress) throws {
        var sent = Inheritance(masterPid: 1, home: "", application: "")
        sent.listeners = [address]
        #expect(try Inheritance(decoding: sent.encoded).listeners == [address])
    }

    @Test func `of nothing arrives too`() throws {
        let received = try Inheritance(decoding: Inheritance(masterPid: -1, home: "", application: "").encoded)
        #expect(received.masterPid == -1 && received.listeners.isEmpty && received.plugins.isEmpty)
    }

    @Test func `answers for its settings`() {
        let inheritance = Self.full
        #expect(inheritance.setting("accesslog") == "")
        #expect(inheritance.setting("nope") == nil)
        #expect(inheritance.number("workers", default: 1) == 4)
        #expect(inheritance.number("chdir", default: 5) == 5)
        #expect(inheritance.number("nope", default: 6) == 6)
    }

    @Test func `is refused when cut anywhere`() {
        let bytes = Self.full.encoded
        for length in bytes.indices {
            #expect(throws: ByteReader.Truncated.self, "\(length) bytes") {
                try Inheritance(decoding: Array(bytes.prefix(length)))
            }
        }
    }

    @Test func `is refused when it is something else`() {
        var random = FixedRandom(seed: 1)
        for _ in 0..<2000 {
            let bytes = random.bytes(Int.random(in: 0...300, using: &random))
            #expect(throws: ByteReader.Truncated.self) { try Inheritance(decoding: bytes) }
        }
    }

    @Test func `does no harm when bytes of it are changed`() {
        var random = FixedRandom(seed: 2)
        let good = Self.full.encoded
        for _ in 0..<5000 {
            var bytes = good
            for _ in 0...Int.random(in: 0...3, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
            }
            // Refused or read: both are right; what must not happen is a trap.
            _ = try? Inheritance(decoding: bytes).encoded.count
        }
    }

    @Test(arguments: [UInt32.max, 1 << 31, 1000]) func `that promises more than it holds is refused`(count: UInt32) {
        var writer = ByteWriter()
        writer.put("talon inheritance 1")
        writer.put(UInt32(1))
        writer.put("home")
        writer.put("app")
        for _ in 0..<3 { writer.put(UInt64(0)) }
        writer.put(count)
        writer.put("127.0.0.1:1")
        #expect(throws: ByteReader.Truncated.self) { try Inheritance(decoding: writer.bytes) }
    }
}

@Suite struct `Written values` {
    @Test func `are read in the same order`() throws {
        var writer = ByteWriter()
        for number in [0, 1, 0x0102_0304, UInt32.max] { writer.put(number) }
        for number in [0, 1, 0x0102_0304_0506_0708, UInt64.max] { writer.put(number) }
        for text in ["", "a", "ü\u{0}\n", String(repeating: "x", count: 70_000)] { writer.put(text) }
        var reader = ByteReader(writer.bytes)
        #expect(try (0..<4).map { _ in try reader.number32() } == [0, 1, 0x0102_0304, .max])
        #expect(try (0..<4).map { _ in try reader.number64() } == [0, 1, 0x0102_0304_0506_0708, .max])
        #expect(try (0..<4).map { _ in try reader.text().utf8.count } == [0, 1, 4, 70_000])
        #expect(reader.isAtEnd)
    }

    @Test func `are little endian`() {
        var writer = ByteWriter()
        writer.put(UInt32(0x0102_0304))
        writer.put(UInt64(5))
        writer.put("ab")
        #expect(writer.bytes == [4, 3, 2, 1, 5, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0x61, 0x62])
    }

    @Test(arguments: 0..<8) func `are refused when the bytes end too early`(count: Int) {
        var reader = ByteReader([UInt8](repeating: 0xff, count: count))
        #expect(throws: ByteReader.Truncated.self) { try reader.number64() }
        // A failed read takes nothing.
        if count >= 4 { #expect((try? reader.number32()) == .max) }
        #expect(throws: ByteReader.Truncated.self) { try reader.number32() }
    }

    @Test(
        arguments: [
            [1, 0, 0, 0], [0xff, 0xff, 0xff, 0xff], [0xff, 0xff, 0xff, 0x7f, 0x61], [5, 0, 0, 0, 1, 2, 3, 4],
        ]
            as [[UInt8]])
    func `are refused when a text is longer than what is left`(bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        #expect(throws: ByteReader.Truncated.self) { try reader.text() }
    }

    @Test func `of bytes that are no UTF-8 are repaired`() throws {
        var reader = ByteReader([2, 0, 0, 0, 0xff, 0x61])
        #expect(try reader.text() == "\u{FFFD}a")
    }
}
