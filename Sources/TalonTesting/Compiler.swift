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
        return try compile([file], to: directory.file(name), flags: shared + flags)
    }

    /// A shared object of a C file of Tests/Fixtures or of the repository; compiled once for all tests of the process.
    package static func sharedObject(file: String, flags: [String] = []) throws -> String {
        try once([file], suffix: ".so", flags: shared + flags)
    }

    /// A program of such C files; compiled once for all tests of the process.
    package static func program(files: [String], flags: [String], libraries: [String]) throws -> String {
        try once(files, suffix: "", flags: flags, libraries: libraries)
    }

    private static let shared = ["-shared", "-fPIC"]

    private static func once(
        _ files: [String], suffix: String, flags: [String], libraries: [String] = []
    ) throws -> String {
        let sources = files.map { $0.hasPrefix("/") ? $0 : Repository.fixture($0) }
        let key = (sources + flags + libraries).joined(separator: " ")
        return try made.withLock { made in
            if let path = made[key] { return path }
            let name = sources.first?.split(separator: "/").suffix(2).joined(separator: "-") ?? ""
            let base = name.split(separator: ".").first ?? "made"
            let path = try folder().file("\(made.count)-\(base)\(suffix)")
            made[key] = try compile(sources, to: path, flags: flags, libraries: libraries)
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

    private static func compile(
        _ sources: [String], to target: String, flags: [String], libraries: [String] = []
    ) throws -> String {
        let include = "\(Repository.root)/Sources/CTalonPlugin/include"
        let isCPlusPlus = sources.contains { $0.hasSuffix(".cpp") }
        let (compiler, standard) = isCPlusPlus ? ("c++", "gnu++17") : ("cc", "gnu11")
        // The flags first: an include folder of theirs, with an older header, goes before ours.
        let arguments =
            ["-std=\(standard)", "-Wall"] + flags + ["-I", include, "-o", target] + sources + libraries
        let result = try run(compiler, arguments, environment: ["PATH": "/usr/bin:/bin"], within: .seconds(60))
        guard result.end == .exited(0) else {
            throw TestFailure("\(compiler) \(sources.joined(separator: " ")):\n\(result.error)")
        }
        return target
    }
}
