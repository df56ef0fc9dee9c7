import CTalonPlatform
import Glibc

/// A file that lines are appended to by several processes at once: each record is one write(2) with O_APPEND.
package struct LogFile: Sendable {
    package let descriptor: FileDescriptor
    /// nil for a standard stream, which is its starter's.
    private let path: String?
    /// The standard output and the standard error of this process, and of those it starts, go there too.
    private let captures: Bool

    /// Opens `path`; "-" is the standard stream given, which captures nothing.
    package static func open(
        _ path: String, standard: FileDescriptor, captures: Bool = false
    ) throws(SystemError) -> LogFile {
        if path == "-" { return LogFile(descriptor: standard, path: nil, captures: false) }
        let file = LogFile(descriptor: try openFile(path), path: path, captures: captures)
        try file.capture()
        return file
    }

    private func capture() throws(SystemError) {
        guard captures else { return }
        for stream in [FileDescriptor.standardOutput, .standardError]
        where dup2(descriptor.rawValue, stream.rawValue) < 0 { throw .last("dup2", path ?? "") }
    }

    private static func openFile(_ path: String) throws(SystemError) -> FileDescriptor {
        try .open(path, flags: O_WRONLY | O_CREAT | O_APPEND)
    }

    /// Appends. What cannot be written is lost: there is nowhere to say so.
    package func append(_ bytes: [UInt8]) {
        descriptor.writeAll(bytes)
    }

    /// Closes the file; a standard stream stays. Nobody may write after that.
    package func close() {
        if path != nil { descriptor.close() }
    }

    /// Opens the path anew, under the same descriptor: what was at the path may have been moved away. All copies of
    /// this value write to the new file from then on. Any thread. If that fails, the old file goes on.
    package func reopen() throws(SystemError) {
        guard let path else { return }
        let new = try LogFile.openFile(path)
        defer { new.close() }
        guard talon_replace(descriptor.rawValue, new.rawValue) == 0 else { throw .last("dup3", path) }
        try capture()
    }
}
