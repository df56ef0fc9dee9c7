import Glibc
import TalonPlatform
import TalonTesting
import Testing

@testable import TalonHooks

private let source = """
    #include "talon_plugin.h"
    #ifdef OTHER_ABI
    TALON_EXPORT int talon_plugin_info_9(void) { return 0; }
    #elif !defined(NO_IDENTITY)
    TALON_PLUGIN("org.example.two", "1.0")
    #endif
    int32_t talon_on_exit(const talon_call *call) { (void)call; return 0; }
    __attribute__((weak)) int32_t talon_pre_fork(const talon_call *call) { (void)call; return 0; }
    static int32_t talon_post_fork_of_mine(void) { return 0; }
    __attribute__((visibility("hidden"))) int32_t talon_hidden(void) { return talon_post_fork_of_mine(); }
    TALON_EXPORT int talon_data = 1;
    extern int talon_imported(void);
    TALON_EXPORT int uses(void) { return talon_imported(); }
    """

/// Without libc and debug information: a few kilobytes, each of which matters.
private let small = ["-nostdlib", "-s", "-Wl,--build-id=none"]

/// A plugin's bytes, and where they are.
private struct Sample {
    let directory: TemporaryDirectory
    let path: String
    let bytes: [UInt8]

    init(_ flags: [String] = []) throws {
        directory = try TemporaryDirectory()
        path = try Compiler.sharedObject(source: source, named: "two.so", in: directory, flags: small + flags)
        bytes = try Files.bytes(path)
    }

    /// The bytes with others at an offset.
    func patched(_ patch: [UInt8], at offset: Int) -> [UInt8] {
        var result = bytes
        result.replaceSubrange(offset..<(offset + patch.count), with: patch)
        return result
    }

    /// A little endian number of the file.
    func number(at offset: Int, _ size: Int) -> Int {
        bytes[offset..<(offset + size)].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
}

@Suite struct `The symbols of a shared object` {
    @Test func `are the functions that it exports, and no others`() throws {
        let exports = try ELFImage(Sample().bytes).exports
        #expect(exports == ["talon_plugin_info_1", "talon_on_exit", "talon_pre_fork", "uses"])
    }

    @Test func `are found in libc too`() throws {
        var path: String?
        for line in Files.lines("/proc/self/maps") where line.hasSuffix("/libc.so.6") {
            path = line.split(separator: " ").last.map(String.init)
        }
        let exports = try ELFImage(Files.bytes(#require(path))).exports
        #expect(exports.isSuperset(of: ["printf", "write", "fork"]))
    }

    @Test func `are not read from a file that is cut`() throws {
        let sample = try Sample()
        for length in stride(from: 0, to: sample.bytes.count, by: 16) {
            #expect(throws: ELFImage.Problem.self, "\(length) bytes") {
                try ELFImage(Array(sample.bytes.prefix(length)))
            }
        }
    }

    @Test func `are not sought outside the file`() throws {
        let sample = try Sample()
        let table = sample.number(at: 40, 8)
        let count = sample.number(at: 60, 2)
        let extremes: [UInt64] = [
            UInt64(sample.bytes.count), UInt64(sample.bytes.count) - 63, UInt64(Int.max), UInt64(Int.max) - 3,
            UInt64(Int.max) - 40, UInt64(Int.max) - 63, 1 << 63, .max,
        ]
        // The place of the section headers; then place, size and link of every section.
        var places = [40]
        for section in 0..<count { places += [24, 32, 40].map { table + section * 64 + $0 } }
        for place in places {
            for value in extremes {
                let patch = (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
                // Refused or read (a section that is not looked at): both are right, a trap is not.
                _ = try? ELFImage(sample.patched(patch, at: place)).exports
            }
        }
        let patch = (0..<8).map { UInt8(truncatingIfNeeded: UInt64(Int.max - 2) >> (8 * UInt64($0))) }
        #expect(throws: ELFImage.Problem.self) { try ELFImage(sample.patched(patch, at: 40)) }
    }

    @Test(arguments: 0..<4 as Range<UInt64>) func `of a mutated file do no harm`(seed: UInt64) throws {
        let sample = try Sample()
        var random = FixedRandom(seed: seed)
        let table = sample.number(at: 40, 8)
        for round in 0..<5000 {
            var bytes = sample.bytes
            // Anywhere, in the header, or among the section headers: there most bytes mean something.
            let range = [bytes.indices, 16..<64, table..<bytes.count][round % 3]
            for _ in 0...Int.random(in: 0...7, using: &random) {
                bytes[Int.random(in: range, using: &random)] =
                    [0, 1, 0x7f, 0x80, 0xff, UInt8.random(in: .min ... .max, using: &random)].randomElement(
                        using: &random) ?? 0
            }
            _ = try? ELFImage(bytes).exports
        }
    }

    @Test func `of random bytes behind a good beginning do no harm`() throws {
        let sample = try Sample()
        var random = FixedRandom(seed: 9)
        for _ in 0..<2000 {
            _ = try? ELFImage(sample.bytes.prefix(20) + random.bytes(Int.random(in: 0...400, using: &random))).exports
        }
    }

    @Test func `are read quickly from a file that claims thousands of symbol tables`() throws {
        let sample = try Sample()
        // A header that says: 65,535 sections, all of them the symbol table of the whole file.
        let table = sample.number(at: 40, 8)
        let symbols = (0..<sample.number(at: 60, 2)).map { table + $0 * 64 }.first {
            sample.number(at: $0 + 4, 4) == 11
        }
        let header = try Array(sample.bytes[#require(symbols)...].prefix(64))
        var bytes = sample.bytes
        let start = bytes.count
        for _ in 0..<65535 { bytes += header }
        bytes.replaceSubrange(40..<48, with: (0..<8).map { UInt8(truncatingIfNeeded: start >> (8 * $0)) })
        bytes.replaceSubrange(60..<62, with: [0xff, 0xff])
        let clock = ContinuousClock()
        let time = clock.measure { _ = try? ELFImage(bytes).exports }
        #expect(time < .seconds(2))
    }
}

@Suite struct `A file that is given as a plugin` {
    private func refusal(_ path: String) throws -> PluginError {
        let error = try #require(throws: PluginError.self) { try PluginFile.inspect(path) }
        #expect(error.path == path)
        #expect(error.description == "plugin \(path): \(error.reason)")
        return error
    }

    /// Why a file of these bytes is refused.
    private func refusal(_ bytes: [UInt8]) throws -> PluginError {
        let directory = try TemporaryDirectory()
        return try refusal(directory.write(bytes, to: "plugin.so"))
    }

    @Test func `is taken with the hooks that it exports`() throws {
        let sample = try Sample()
        let file = try PluginFile.inspect(sample.path)
        #expect(file == PluginFile(path: sample.path, hooks: [.onExit, .preFork]))
    }

    @Test func `is refused if it cannot be read`() throws {
        let directory = try TemporaryDirectory()
        let missing = try refusal(directory.file("nope.so"))
        #expect(missing.code == .unreadable && missing.reason == "cannot be read: No such file or directory")
        let folder = try refusal(directory.path)
        #expect(folder.code == .unreadable && folder.reason == "is not a file; a plugin is a shared object")
        // Opening a pipe would wait for somebody who writes.
        try #require(mkfifo(directory.file("pipe.so"), 0o600) == 0)
        #expect(try refusal(directory.file("pipe.so")).reason == "is not a file; a plugin is a shared object")
    }

    @Test(arguments: [[], Array("#!/bin/sh\n".utf8), [0x7f, 0x45, 0x4c, 0x46], [UInt8](repeating: 0, count: 9999)])
    func `is refused if it is no ELF file`(bytes: [UInt8]) throws {
        let error = try refusal(bytes)
        #expect(error.code == .notELF && error.reason == "is no ELF file; a plugin is a shared object")
    }

    @Test func `is refused if it is cut`() throws {
        let error = try refusal(Array(Sample().bytes.dropLast(100)))
        #expect(error.code == .notELF && error.reason == "is a damaged ELF file")
    }

    @Test(arguments: [1, 2, 4] as [UInt8]) func `is refused if it is no shared object`(type: UInt8) throws {
        let error = try refusal(Sample().patched([type, 0], at: 16))
        #expect(error.code == .notELF && error.reason == "is no shared object; link it with -shared")
    }

    @Test func `is refused if it is a program`() throws {
        let directory = try TemporaryDirectory()
        try directory.write("int main(void) { return 0; }", to: "main.c")
        for (flags, reason) in [
            (["-no-pie"], "is no shared object; link it with -shared"),
            (
                ["-pie", "-fPIE"],
                "it has no identity: it does not export talon_plugin_info_1; "
                    + "write TALON_PLUGIN(id, version) in it"
            ),
        ] {
            let result = try run("cc", flags + ["-o", "main", "main.c"], directory: directory.path)
            try #require(result.status == 0, "\(result.error)")
            #expect(try refusal(directory.file("main")).reason == reason)
        }
    }

    @Test(
        arguments: [
            // 32 bits; big endian; a version that is not there yet; another machine.
            (4, [1]), (5, [2]), (6, [2]), (18, [0xf3, 0]), (18, [0, 0]), (18, [0xff, 0xff]),
        ] as [(Int, [UInt8])])
    func `is refused if it is for another machine`(offset: Int, patch: [UInt8]) throws {
        let error = try refusal(Sample().patched(patch, at: offset))
        #expect(error.code == .wrongMachine)
        #expect(error.reason.hasPrefix("is built for another machine"))
    }

    @Test func `is refused without an identity, and told apart from one for another ABI`() throws {
        let samples = try (Sample(["-DNO_IDENTITY"]), Sample(["-DOTHER_ABI"]))
        let none = try refusal(samples.0.path)
        #expect(none.code == .noIdentity)
        #expect(none.reason.contains("does not export talon_plugin_info_1; write TALON_PLUGIN(id, version) in it"))
        let other = try refusal(samples.1.path)
        #expect(other.code == .noIdentity)
        #expect(
            other.reason == "it is made for another ABI: it exports talon_plugin_info_9, "
                + "and this Talon needs talon_plugin_info_1")
    }
}
