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
        for length in stride(from: 0, to: sample.bytes.count, by: 7) {
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
        for round in 0..<6000 {
            var bytes = sample.bytes
            // Anywhere, in the header, or among the section headers: there most bytes mean something.
            let range = [bytes.indices, 16..<64, table..<bytes.count, 64..<1024][round % 4]
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

@Suite struct `What a shared object needs` {
    @Test func `is read with its own name`() throws {
        let sample = try Sample(["-Wl,-soname,two.so.1", "-Wl,--no-as-needed", "-lm", "-lc"])
        let image = try ELFImage(sample.bytes)
        #expect(image.needed == ["libm.so.6", "libc.so.6"])
        #expect(image.soname == "two.so.1")
        #expect(try ELFImage(Sample().bytes).needed == [] && ELFImage(Sample().bytes).soname == nil)
    }

    @Test func `is not sought outside the file`() throws {
        let sample = try Sample(["-Wl,-soname,two.so.1", "-Wl,--no-as-needed", "-lc"])
        let (table, count) = (sample.number(at: 32, 8), sample.number(at: 56, 2))
        let extremes: [UInt64] = [
            UInt64(sample.bytes.count), UInt64(Int.max), UInt64(Int.max) - 40, 1 << 62, 1 << 63, .max,
        ]
        // Place, address and size of each segment; then each tag and value of the dynamic section.
        var places = [32]
        for segment in 0..<count {
            places += [8, 16, 32].map { table + segment * 56 + $0 }
            if sample.number(at: table + segment * 56, 4) == 2 {
                let dynamic = sample.number(at: table + segment * 56 + 8, 8)
                places += stride(from: dynamic, to: dynamic + 256, by: 8)
            }
        }
        for place in places {
            for value in extremes {
                let patch = (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
                _ = try? ELFImage(sample.patched(patch, at: place)).needed
            }
        }
        // A segment beyond the end would be a deadly signal when it is loaded.
        let patch = (0..<8).map { UInt8(truncatingIfNeeded: sample.bytes.count >> (8 * $0)) }
        let load = try #require((0..<count).first { sample.number(at: table + $0 * 56, 4) == 1 })
        #expect(throws: ELFImage.Problem.self) {
            try ELFImage(sample.patched(patch + patch, at: table + load * 56 + 8))
        }
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
        #expect(file.path == sample.path && file.hooks == [.onExit, .preFork] && file.hasIdentity && !file.isSwift)
        #expect(file.bindings.map(\.point) == [.preFork, .onExit])
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

    @Test func `is refused with a Swift runtime of its own`() throws {
        let marked = "-DSWIFT"
        let source = """
            __attribute__((section("swift5_types"), used)) static int types = 1;
            #ifdef RUNTIME
            __attribute__((visibility("hidden"), used)) void swift_retain(void) {}
            #endif
            #include "talon_plugin.h"
            TALON_PLUGIN("org.example.swift", "1.0")
            """
        let directory = try TemporaryDirectory()
        let core = try Compiler.sharedObject(
            source: "int core;", named: "core.so", in: directory,
            flags: ["-nostdlib", "-Wl,-soname,libswiftCore.so"])
        let sentence = "has its own Swift runtime inside; link it dynamically (without -static-stdlib)"
        for (flags, reason) in [
            ([marked], sentence),
            ([marked, "-DRUNTIME", "-Wl,--no-as-needed", core], sentence),
            ([marked, "-Wl,--no-as-needed", core], nil),
        ] as [([String], String?)] {
            let path = try Compiler.sharedObject(
                source: source, named: "swift.so", in: directory, flags: ["-nostdlib"] + flags)
            if let reason {
                let error = try refusal(path)
                #expect(error.code == .ownRuntime && error.reason == reason)
            } else {
                #expect(try PluginFile.inspect(path).isSwift)
            }
        }
    }

    @Test func `needs no identity where a manifest says what its functions are`() throws {
        let none = try Sample(["-DNO_IDENTITY"])
        #expect(try !PluginFile(none.bytes, path: "none", needsIdentity: false).hasIdentity)
        let other = try Sample(["-DOTHER_ABI"])
        #expect(throws: PluginError.self) { try PluginFile(other.bytes, path: "other", needsIdentity: false) }
    }
}

@Suite struct `The memory of crashes` {
    private let digest = String(repeating: "ab", count: 32)

    @Test func `keeps what happened until it is forgotten`() throws {
        let directory = try TemporaryDirectory()
        let memory = CrashMemory(folder: directory.file("state/talon"))
        #expect(memory.isRemembered(digest) == nil)
        memory.remember(digest: digest, origin: "/x/y.so", reason: "signal 11\nin create")
        #expect(CrashMemory(folder: directory.file("state/talon")).isRemembered(digest) == "signal 11 in create")
        #expect(directory.lines("state/talon/crashed/\(digest)").last == "/x/y.so")
        memory.forget(digest)
        #expect(memory.isRemembered(digest) == nil)
    }

    @Test(arguments: ["", "../../etc/passwd", "AB", String(repeating: "g", count: 64)])
    func `takes nothing else for a digest`(text: String) throws {
        let directory = try TemporaryDirectory()
        let memory = CrashMemory(folder: directory.path)
        memory.remember(digest: text, origin: "x", reason: "y")
        memory.forget(text)
        #expect(memory.isRemembered(text) == nil && Files.names(in: directory.path).isEmpty)
    }

    @Test func `does no harm where it cannot be written`() throws {
        let directory = try TemporaryDirectory()
        let memory = CrashMemory(folder: try directory.write("a file", to: "file"))
        memory.remember(digest: digest, origin: "x", reason: "y")
        memory.forget(digest)
        #expect(memory.isRemembered(digest) == nil)
    }

    @Test func `lets the oldest go`() throws {
        let directory = try TemporaryDirectory()
        let memory = CrashMemory(folder: directory.path)
        try directory.makeDirectory("crashed")
        let digests = (0..<1002).map { index in
            let text = String(index)
            return String(repeating: "0", count: 64 - text.count) + text
        }
        for (index, digest) in digests.enumerated() {
            let path = try directory.write("reason\n", to: "crashed/\(digest)")
            var times = [timeval(tv_sec: 1000 + index, tv_usec: 0), timeval(tv_sec: 1000 + index, tv_usec: 0)]
            try #require(utimes(path, &times) == 0)
        }
        memory.remember(digest: digest, origin: "x", reason: "y")
        #expect(Files.names(in: directory.file("crashed")).count == 1000)
        #expect(memory.isRemembered(digest) == "y")
        #expect(digests.prefix(3).allSatisfy { memory.isRemembered($0) == nil })
        #expect(memory.isRemembered(digests[3]) == "reason")
    }
}
