import Glibc

/// A directory of one test, deleted with all that is in it when the test lets go of it.
package final class TemporaryDirectory: Sendable {
    package let path: String

    package init() throws {
        var template = Array("/tmp/talon-test-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap(mkdtemp).map { String(cString: $0) }
        }
        guard let made else { throw TestFailure("cannot make a directory in /tmp") }
        path = made
    }

    deinit { Files.remove(tree: path) }

    /// The path of a file in it.
    package func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file, as a new one under the old name; returns its path.
    @discardableResult
    package func write(_ text: String, to name: String) throws -> String {
        try write(Array(text.utf8), to: name)
    }

    @discardableResult
    package func write(_ bytes: [UInt8], to name: String) throws -> String {
        let target = file(name)
        try Files.write(bytes, to: target + ".new")
        guard rename(target + ".new", target) == 0 else { throw TestFailure("cannot rename to \(target)") }
        return target
    }

    /// Copies a file of Tests/Fixtures into it; returns the path of the copy.
    @discardableResult
    package func copy(fixture: String, as name: String? = nil) throws -> String {
        let own = name ?? fixture.split(separator: "/").last.map(String.init) ?? fixture
        return try write(Files.bytes(Repository.fixture(fixture)), to: own)
    }

    @discardableResult
    package func makeDirectory(_ name: String) throws -> String {
        guard mkdir(file(name), 0o755) == 0 else { throw TestFailure("cannot make \(file(name))") }
        return file(name)
    }

    package func text(_ name: String) -> String? { Files.text(file(name)) }

    package func lines(_ name: String) -> [String] { Files.lines(file(name)) }
}
