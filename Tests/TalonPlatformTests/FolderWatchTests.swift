import Glibc
import TalonTesting
import Testing

@testable import TalonPlatform

@Suite struct `A watch of folders` {
    @Test func `tells of a file that is written, replaced, made or removed, and else of nothing`() throws {
        let directory = try TemporaryDirectory()
        try directory.write("a", to: "a")
        let watch = try FolderWatch()
        #expect(watch.add(directory.path) && watch.add(directory.path))
        #expect(!watch.add(directory.file("missing")))
        #expect(!watch.take())
        for change in [
            { try directory.write("b", to: "a") }, { try directory.write("c", to: "c") },
            { try FileAccess.rename(directory.file("c"), to: directory.file("a")) },
            { FileAccess.remove(directory.file("a")) },
        ] as [() throws -> Void] {
            try change()
            #expect(watch.descriptor.waitUntil(POLLIN, timeoutMilliseconds: 20_000))
            #expect(watch.take())
            #expect(!watch.take())
        }
    }
}

@Suite struct `A pipe for notes` {
    @Test func `gives whole texts, those that come in parts too, and no endless one`() throws {
        let pipe = try NotePipe()
        #expect(pipe.take().isEmpty)
        pipe.writer.writeAll(Array("one\0two\0thr".utf8))
        #expect(pipe.take() == ["one", "two"])
        #expect(pipe.take().isEmpty)
        pipe.writer.writeAll(Array("ee\0".utf8))
        #expect(pipe.take() == ["three"])
        pipe.writer.writeAll([UInt8](repeating: 1, count: 5000))
        #expect(pipe.take().isEmpty)
        pipe.writer.writeAll(Array("four\0".utf8))
        #expect(pipe.take() == ["four"])
    }
}

@Suite struct `Paths that match a pattern` {
    @Test func `are all of a glob, and the path itself without wildcards`() throws {
        let directory = try TemporaryDirectory()
        for name in ["a.html", "b.html", "c.txt"] { try directory.write("", to: name) }
        #expect(FileAccess.paths(matching: directory.file("*.html")) == ["a.html", "b.html"].map(directory.file))
        #expect(FileAccess.paths(matching: directory.file("none")) == [directory.file("none")])
        #expect(FileAccess.paths(matching: "") == [""])
    }
}
