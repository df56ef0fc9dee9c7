import Glibc
import TalonHooks
import TalonPlatform
import TalonTesting
import Testing

@testable import TalonBundle

@Suite struct `An archive` {
    private let files: [String: [UInt8]] = [
        "plugin.yaml": Array("schema: 1\n".utf8), "lib/x/a.so": [UInt8](repeating: 7, count: 1000), "empty": [],
        "lib/\(String(repeating: "n", count: 90))/\(String(repeating: "m", count: 90))": [1],
    ]

    private func reason(_ tar: [UInt8]) throws -> String {
        let error = try #require(throws: PluginError.self) { try Archive(tar: tar, path: "x.tar.gz") }
        #expect(error.path == "x.tar.gz" && error.code == .malformed)
        return error.reason
    }

    @Test func `comes back as it was packed`() throws {
        let packed = try ArchiveWriter.pack("hello.talonplugin", files: files)
        let archive = try Archive(gzip: packed, path: "x")
        #expect(archive.name == "hello.talonplugin")
        #expect(archive.paths == files.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
        for (path, bytes) in files { #expect(archive.contents(of: path) == bytes) }
        #expect(archive.contents(of: "lib") == nil)
    }

    @Test func `is the same bytes each time`() throws {
        let first = try ArchiveWriter.pack("hello.talonplugin", files: files)
        var other: [String: [UInt8]] = [:]
        for key in files.keys.sorted().reversed() { other[key] = files[key] }
        #expect(try ArchiveWriter.pack("hello.talonplugin", files: other) == first)
        // No time in the header of gzip.
        #expect(first[4..<8].allSatisfy { $0 == 0 })
    }

    @Test func `is understood by tar, and tar's by Talon`() throws {
        let directory = try TemporaryDirectory()
        try directory.write(ArchiveWriter.pack("hello.talonplugin", files: files), to: "a.tar.gz")
        let unpacked = try run("tar", ["-xzf", "a.tar.gz"], directory: directory.path)
        try #require(unpacked.status == 0, "\(unpacked.error)")
        #expect(try Files.bytes(directory.file("hello.talonplugin/lib/x/a.so")) == files["lib/x/a.so"])
        var status = stat()
        #expect(stat(directory.file("hello.talonplugin/plugin.yaml"), &status) == 0 && status.st_mode & 0o777 == 0o644)
        for arguments in [["--format=ustar"], ["--format=gnu", "--exclude=n*"]] {
            for path in ["hello.talonplugin", "./hello.talonplugin"] {
                let packed = try run("tar", arguments + ["-czf", "b.tar.gz", path], directory: directory.path)
                try #require(packed.status == 0, "\(packed.error)")
                let archive = try Archive(gzip: Files.bytes(directory.file("b.tar.gz")), path: "b")
                #expect(archive.contents(of: "lib/x/a.so") == files["lib/x/a.so"])
            }
        }
        let pax = try run("tar", ["--format=pax", "-czf", "c.tar.gz", "hello.talonplugin"], directory: directory.path)
        try #require(pax.status == 0)
        let error = try #require(throws: PluginError.self) {
            try Archive(gzip: Files.bytes(directory.file("c.tar.gz")), path: "c")
        }
        #expect(error.reason.contains("is an extended header; pack it with `talon plugin pack`, or tar --format=ustar"))
    }

    @Test(arguments: [
        ("/etc/passwd", "has an absolute path"), ("a.talonplugin/../../x", "leads out of its folder by .."),
        ("..", "leads out of its folder by .."), ("a.talonplugin//x", "has an empty part"),
        ("a.talonplugin/./x", "has an empty part"), ("", "has an empty name"),
        ("a.talonplugin/a\u{1}b", "has a control character"), ("a.talonplugin/a\\b", "a backslash"),
        ("x", "is not in a folder"), (String(repeating: "d/", count: 20) + "x", "lies more than 16 folders deep"),
    ])
    func `is refused with the path`(path: String, reason expected: String) throws {
        #expect(try reason(TarBytes.of { $0.add(path, "text") }).contains(expected))
    }

    @Test(
        arguments: [
            ("1", "is a hard link"), ("2", "is a symbolic link"), ("3", "is a device"), ("4", "is a device"),
            ("6", "is a pipe"), ("7", "is of an unknown type"), ("S", "is a sparse file"),
            ("x", "is an extended header"),
            ("g", "is an extended header"), ("L", "is an extended header"), ("K", "is an extended header"),
            ("Z", "is of an unknown type"),
        ] as [(Character, String)])
    func `is refused with an entry of type`(type: Character, reason expected: String) throws {
        #expect(try reason(TarBytes.of { $0.add("a.talonplugin/x", type: type) }).contains(expected))
    }

    @Test func `is refused with two of a name, or in two folders`() throws {
        let twice = "is there twice"
        #expect(
            try reason(
                TarBytes.of {
                    $0.add("a.talonplugin/x", "1")
                    $0.add("a.talonplugin/x", "2")
                }
            ).contains(twice))
        #expect(
            try reason(
                TarBytes.of {
                    $0.add("a.talonplugin/x/")
                    $0.add("a.talonplugin/x/")
                }
            ).contains(twice))
        #expect(
            try reason(
                TarBytes.of {
                    $0.add("a.talonplugin/x/")
                    $0.add("a.talonplugin/x", "1")
                }
            ).contains(twice))
        #expect(
            try reason(
                TarBytes.of {
                    $0.add("a.talonplugin/x", "1")
                    $0.add("a.talonplugin/x/")
                }
            ).contains(twice))
        #expect(
            try reason(
                TarBytes.of {
                    $0.add("a.talonplugin/x", "1")
                    $0.add("a.talonplugin/x/y", "2")
                }
            )
            .contains("in a folder that is a file too"))
        #expect(
            try reason(
                TarBytes.of {
                    $0.add("a.talonplugin/x/y", "1")
                    $0.add("a.talonplugin/x", "2")
                }
            ).contains(twice))
        #expect(
            try reason(
                TarBytes.of {
                    $0.add("a.talonplugin/x", "1")
                    $0.add("b.talonplugin/x", "2")
                }
            )
            .contains("has several folders in it"))
        #expect(try reason(TarBytes.of { $0.add("a/x", "1") }).contains("a bundle is one folder NAME.talonplugin"))
        #expect(try reason(TarBytes().complete) == "is an empty archive")
    }

    @Test func `is refused with a damaged header`() throws {
        for (expected, spoils, change) in [
            ("has a wrong checksum", true, { $0[0] ^= 1 }),
            ("has a damaged checksum", true, { $0[150] = 0x39 }),
            ("is in an old format", false, { $0[257] = 0 }),
            ("has a damaged size", false, { $0[124] = 0x80 }),
            ("has a damaged size", false, { $0[126] = 0x20 }),
            ("has a name that is no UTF-8", false, { $0[0] = 0xff }),
            ("ends too early", false, { $0.replaceSubrange(124..<135, with: Array("00000777777".utf8)) }),
            ("268435456 are allowed", false, { $0.replaceSubrange(124..<136, with: Array("777777777777".utf8)) }),
        ] as [(String, Bool, (inout [UInt8]) -> Void)] {
            let tar = TarBytes.of { $0.add("a.talonplugin/x", "text", spoils: spoils, change: change) }
            #expect(try reason(tar).contains(expected))
        }
        #expect(try reason(TarBytes.of { $0.add("a.talonplugin/", size: 512) }).contains("is a folder with content"))
    }

    @Test func `is refused when it is cut, or goes on behind its end`() throws {
        let tar = TarBytes.of { $0.add("a.talonplugin/x", "text") }
        for length in stride(from: 0, to: tar.count, by: 64) {
            #expect(try reason(Array(tar.prefix(length))).contains("ends too early"))
        }
        #expect(try reason(tar + [1]).contains("has something behind its end"))
        #expect(try reason(tar + tar).contains("has something behind its end"))
        #expect(throws: Never.self) { try Archive(tar: tar + [UInt8](repeating: 0, count: 8192), path: "x") }
    }

    @Test func `is refused with too many entries`() throws {
        let tar = TarBytes.of { for index in 0...4096 { $0.add("a.talonplugin/\(index)") } }
        #expect(try reason(tar) == "has more than 4096 entries")
    }

    @Test func `does no harm when it is mutated`() throws {
        let tar = TarBytes.of {
            $0.add("a.talonplugin/")
            $0.add("a.talonplugin/x", "text")
            $0.add("a.talonplugin/y/z", "t")
        }
        var random = FixedRandom(seed: 5)
        for _ in 0..<3000 {
            var mutated = tar
            let block = Int.random(in: 0..<4, using: &random) * 512
            for _ in 0...Int.random(in: 0...3, using: &random) {
                mutated[block + Int.random(in: 0..<512, using: &random)] = random.bytes(1).first ?? 0
            }
            if Bool.random(using: &random) {
                var header = Array(mutated[block..<(block + 512)])
                TarBytes.correct(&header)
                mutated.replaceSubrange(block..<(block + 512), with: header)
            }
            _ = try? Archive(tar: mutated, path: "x")
        }
    }
}

@Suite struct `A gzip file` {
    private func reason(_ bytes: [UInt8], limit: Int = 1 << 20) throws -> String {
        try #require(throws: PluginError.self) { try Gzip.decompress(bytes, limit: limit, path: "x") }.reason
    }

    @Test func `comes back as it was`() throws {
        var random = FixedRandom(seed: 1)
        for bytes in [[], [1], random.bytes(100_000), [UInt8](repeating: 0, count: 1 << 20)] {
            #expect(try Gzip.decompress(Gzip.compress(bytes, path: "x"), limit: 1 << 20, path: "x") == bytes)
        }
    }

    @Test func `is refused when it is a bomb`() throws {
        let bomb = try Gzip.compress([UInt8](repeating: 0, count: (1 << 20) + 1), path: "x")
        #expect(try reason(bomb) == "unpacks to 1048577 bytes; 1048576 are allowed")
        // One that lies about its size; and one whose size no bytes could give.
        #expect(try reason(bomb.dropLast(4) + [0, 4, 0, 0]) == "is a damaged gzip file")
        #expect(try reason(bomb.dropLast(4) + [0xff, 0xff, 0xff, 0x0f], limit: 1 << 30) == "is a damaged gzip file")
    }

    @Test func `is refused when it is cut, damaged or longer`() throws {
        let good = try Gzip.compress(Array("some text, some text, some text".utf8), path: "x")
        for length in 0..<good.count {
            #expect(throws: PluginError.self) { try Gzip.decompress(Array(good.prefix(length)), limit: 100, path: "x") }
        }
        var random = FixedRandom(seed: 2)
        for _ in 0..<2000 {
            var mutated = good
            mutated[Int.random(in: good.indices, using: &random)] = random.bytes(1).first ?? 0
            _ = try? Gzip.decompress(mutated, limit: 1000, path: "x")
        }
        // A second member with the same size.
        #expect(try reason(good + good) == "has something behind its end; pack it again")
        #expect(try reason(Array("no gzip file at all".utf8)) == "is no gzip file")
    }
}

@Suite struct `Installing an archive` {
    @Test func `makes a folder with the modes of a bundle`() throws {
        let directory = try TemporaryDirectory()
        let packed = try ArchiveWriter.pack("a.talonplugin", files: ["x": [1], "lib/y": [2]])
        let archive = try Archive(gzip: packed, path: "x")
        let path = try archive.extract(into: directory.path)
        #expect(path == directory.file("a.talonplugin"))
        #expect(try Files.bytes(directory.file("a.talonplugin/lib/y")) == [2])
        for (name, mode) in [("", 0o755), ("/lib", 0o755), ("/x", 0o644), ("/lib/y", 0o644)] as [(String, UInt32)] {
            #expect(FileAccess.status(of: path + name)?.permissions == mode)
        }
        let error = try #require(throws: PluginError.self) { try archive.extract(into: directory.path) }
        #expect(error.reason == "is there already; remove it first")
        #expect(Files.names(in: directory.path) == ["a.talonplugin"])
        #expect(throws: PluginError.self) { try archive.extract(into: directory.file("nowhere")) }
    }
}
