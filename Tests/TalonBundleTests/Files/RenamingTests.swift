import Glibc
import Synchronization
import TalonPlatform
import TalonTesting
import Testing

@Suite struct `A name in a folder` {
    @Test(arguments: [true, false]) func `is taken from nobody who has it`(isFolder: Bool) throws {
        let directory = try TemporaryDirectory()
        for name in ["old", "new"] {
            if isFolder { try directory.makeDirectory(name) }
            try directory.write(name, to: isFolder ? "\(name)/x" : name)
        }
        let (new, old) = (directory.file("new"), directory.file("old"))
        let error = try #require(throws: SystemError.self) { try FileAccess.renameNew(new, to: old) }
        #expect(error.errno == EEXIST)
        #expect(Files.names(in: directory.path) == ["new", "old"])
        try FileAccess.exchange(new, for: old)
        #expect(directory.text(isFolder ? "old/x" : "old") == "new")
        try FileAccess.renameNew(old, to: new)
        try FileAccess.exchange(new, for: old)
        #expect(Files.names(in: directory.path) == ["old"])
    }

    @Test func `is always there while it gets another folder`() throws {
        let directory = try TemporaryDirectory()
        try directory.makeDirectory("name")
        let watch = Watch(directory.file("name"))
        let context = Unmanaged.passRetained(watch).toOpaque()
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { context in
                context.map { Unmanaged<Watch>.fromOpaque($0).takeRetainedValue() }?.run()
                return nil
            }, context)
        try #require(status == 0)
        try eventually("it is watched") { watch.looks.load(ordering: .relaxed) > 0 }
        for _ in 0..<500 {
            try directory.makeDirectory("other")
            try FileAccess.exchange(directory.file("other"), for: directory.file("name"))
        }
        watch.isOver.store(true, ordering: .relaxed)
        pthread_join(thread, nil)
        #expect(watch.misses.load(ordering: .relaxed) == 0)
    }

    @Test func `stays where it is if there is nothing to replace it`() throws {
        let directory = try TemporaryDirectory()
        try directory.write("old", to: "name")
        #expect(throws: SystemError.self) {
            try FileAccess.exchange(directory.file("missing"), for: directory.file("name"))
        }
        #expect(directory.text("name") == "old")
    }
}

/// Looks whether something is there, again and again.
private final class Watch: Sendable {
    let looks = Atomic(0)
    let misses = Atomic(0)
    let isOver = Atomic(false)
    private let path: String

    init(_ path: String) {
        self.path = path
    }

    func run() {
        while !isOver.load(ordering: .relaxed) {
            if access(path, F_OK) != 0 { misses.add(1, ordering: .relaxed) }
            looks.add(1, ordering: .relaxed)
        }
    }
}
