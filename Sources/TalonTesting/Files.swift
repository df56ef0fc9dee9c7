import Glibc
import TalonPlatform

/// Whole files, for tests.
package enum Files {
    package static func bytes(_ path: String) throws -> [UInt8] {
        guard let file = fopen(path, "re") else { throw failure("open", path) }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk.prefix(count) }
        return bytes
    }

    /// The text; nil if there is no such file.
    package static func text(_ path: String) -> String? {
        (try? bytes(path)).map { String(decoding: $0, as: UTF8.self) }
    }

    package static func lines(_ path: String) -> [String] {
        (text(path) ?? "").split(separator: "\n").map(String.init)
    }

    package static func write(_ bytes: [UInt8], to path: String) throws {
        guard let file = fopen(path, "we") else { throw failure("create", path) }
        let written = fwrite(bytes, 1, bytes.count, file)
        guard fclose(file) == 0, written == bytes.count else { throw failure("write", path) }
    }

    package static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    package static func isSocket(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
    }

    /// The names in a directory, sorted; none if there is no such directory.
    package static func names(in path: String) -> [String] {
        (try? FileAccess.names(in: path))?.sorted() ?? []
    }

    /// Where a symbolic link points to; nil if it is none.
    package static func link(_ path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink(path, &buffer, buffer.count)
        return count < 0 ? nil : String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    static func remove(tree path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            unlink(path)
            return
        }
        for name in names(in: path) { remove(tree: "\(path)/\(name)") }
        rmdir(path)
    }

    private static func failure(_ call: String, _ path: String) -> TestFailure {
        TestFailure("cannot \(call) \(path): \(String(cString: strerror(errno)))")
    }
}
