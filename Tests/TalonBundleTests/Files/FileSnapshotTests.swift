import Glibc
import TalonHooks
import TalonPlatform
import TalonTesting
import Testing

@testable import TalonBundle

@Suite struct `A file that is read once` {
    @Test func `is refused if it is none, or too long`() throws {
        let directory = try TemporaryDirectory()
        try #require(mkfifo(directory.file("pipe"), 0o600) == 0)
        try directory.write("12345", to: "five")
        for (name, reason) in [
            ("pipe", "is not a file"), ("", "is not a file"), ("none", "cannot be read: No such file or directory"),
            ("five", "is 5 bytes long; 4 are allowed"),
        ] {
            let error = try #require(throws: PluginError.self) {
                try FileSnapshot.read(directory.file(name), limit: 4)
            }
            #expect(error.code == .unreadable && error.reason == reason)
        }
        #expect(try FileSnapshot.read(directory.file("five"), limit: 5).trusted == Array("12345".utf8))
    }

    @Test func `is not trusted if everybody may write to it or to its folder`() throws {
        let samples = try SamplePlugins()
        try samples.directory.makeDirectory("folder")
        let path = try samples.directory.write("text", to: "folder/file")
        for (file, folder, problem) in [
            (0o644, 0o755, nil), (0o664, 0o775, nil), (0o644, 0o1777, nil),
            (0o646, 0o755, "is writable by everybody"), (0o666, 0o1777, "is writable by everybody"),
            (0o644, 0o777, "which is writable by everybody"), (0o600, 0o702, "which is writable by everybody"),
        ] as [(mode_t, mode_t, String?)] {
            try samples.setMode(file, "folder/file")
            try samples.setMode(folder, "folder")
            let exposure = try FileSnapshot.read(path).exposure
            #expect(exposure?.code == problem.map { _ in .exposed })
            #expect(exposure?.reason.contains(problem ?? "") ?? (problem == nil))
        }
    }

    @Test func `is judged where a link leads, and where the link is`() throws {
        let samples = try SamplePlugins()
        try samples.directory.makeDirectory("open")
        try samples.directory.makeDirectory("closed")
        for (file, link) in [("open/file", "closed/link"), ("closed/file", "open/link")] {
            try samples.directory.write("text", to: file)
            try #require(symlink(samples.path(file), samples.path(link)) == 0)
            #expect(try FileSnapshot.read(samples.path(link)).exposure == nil)
        }
        try samples.setMode(0o777, "open")
        #expect(try FileSnapshot.read(samples.path("closed/link")).exposure?.code == .exposed)
        #expect(try FileSnapshot.read(samples.path("open/link")).exposure?.code == .exposed)
        #expect(try FileSnapshot.read(samples.path("closed/file")).exposure == nil)
    }

    @Test(arguments: [
        ("/a/b", "/a", "b"), ("/a", "/", "a"), ("a", ".", "a"), ("a/b/", "a", "b"), ("./a", ".", "a"),
        ("a/\u{301}b", "a", "\u{301}b"),
    ])
    func `has a folder and a name`(path: String, folder: String, name: String) {
        #expect(Path.folder(of: path) == folder && Path.name(of: path) == name)
    }
}

@Suite struct `A library of the system` {
    @Test func `is found by its name`() throws {
        let snapshot = try SystemLibrary.read("libc.so.6", file: "x.yaml")
        let file = try PluginFile(snapshot.trusted, path: "libc", needsIdentity: false)
        #expect(file.soname == "libc.so.6" && file.exports.isSuperset(of: ["getpid", "strlen"]))
    }

    @Test(arguments: ["", "libno-such-library.so.9", "../libc.so.6", ".so", String(repeating: "x", count: 999)])
    func `is an error if there is none`(name: String) {
        #expect(throws: PluginError.self) { try SystemLibrary.read(name, file: "x.yaml") }
    }

    @Test func `is not found in a damaged cache`() throws {
        let bytes = try Files.bytes("/etc/ld.so.cache")
        #expect(!LinkerCache(bytes).paths(of: "libc.so.6").isEmpty)
        for length in stride(from: 0, to: 4096, by: 5) {
            #expect(LinkerCache(Array(bytes.prefix(length))).paths(of: "libc.so.6").isEmpty)
        }
        var random = FixedRandom(seed: 3)
        for _ in 0..<300 {
            var mutated = Array(bytes.prefix(8192))
            for _ in 0..<20 {
                mutated[Int.random(in: 20..<mutated.count, using: &random)] = random.bytes(1).first ?? 0
            }
            _ = LinkerCache(mutated).paths(of: "libc.so.6")
        }
    }
}
