import Glibc
import Synchronization

/// The C and C++ compilers of the machine.
package enum Compiler {
    private static let made = Mutex<[String: String]>([:])
    private static let shelf = Mutex<TemporaryDirectory?>(nil)

    /// A shared object of C source text, in `directory`; returns its path.
    package static func sharedObject(
        source: String, named name: String, in directory: TemporaryDirectory, flags: [String] = []
    ) throws -> String {
        let file = try directory.write(source, to: name + ".c")
        return try compile(file, to: directory.file(name), flags: flags)
    }

    /// A shared object of a C file of Tests/Fixtures or of the repository; compiled once for all tests of the process.
    package static func sharedObject(file: String, flags: [String] = []) throws -> String {
        let source = file.hasPrefix("/") ? file : Repository.fixture(file)
        let key = source + flags.joined(separator: " ")
        return try made.withLock { made in
            if let path = made[key] { return path }
            let base = source.split(separator: "/").suffix(2).joined(separator: "-").split(separator: ".").first ?? "plugin"
            let path = try compile(source, to: folder().file("\(made.count)-\(base).so"), flags: flags)
            made[key] = path
            return path
        }
    }

    private static func folder() throws -> TemporaryDirectory {
        try shelf.withLock { shelf in
            if let directory = shelf { return directory }
            let directory = try TemporaryDirectory()
            shelf = directory
            // A static value is never released: what is on the shelf goes when the process ends.
            atexit { Compiler.shelf.withLock { if let path = $0?.path { Files.remove(tree: path) } } }
            return directory
        }
    }

    private static func compile(_ source: String, to object: String, flags: [String]) throws -> String {
        let include = "\(Repository.root)/Sources/CTalonPlugin/include"
        let (compiler, standard) = source.hasSuffix(".cpp") ? ("c++", "gnu++17") : ("cc", "gnu11")
        // The flags first: an include folder of theirs, with an older header, goes before ours.
        let arguments = ["-std=\(standard)", "-Wall", "-shared", "-fPIC"] + flags + ["-I", include, "-o", object, source]
        let result = try run(compiler, arguments, environment: ["PATH": "/usr/bin:/bin"], within: .seconds(60))
        guard result.end == .exited(0) else { throw TestFailure("\(compiler) \(source):\n\(result.error)") }
        return object
    }
}
