import CTalonPlatform
import Glibc

/// A file that lines are appended to by several processes at once: each record is one write(2) with O_APPEND.
package struct LogFile: Sendable {
    package let descriptor: FileDescriptor

    /// Opens `path`; "-" is the standard stream given.
    package static func open(_ path: String, standard: FileDescriptor) throws(SystemError) -> LogFile {
        if path == "-" { return LogFile(descriptor: standard) }
        return LogFile(descriptor: try .open(path, flags: O_WRONLY | O_CREAT | O_APPEND))
    }

    /// Appends. What cannot be written is lost: there is nowhere to say so.
    package func append(_ bytes: [UInt8]) {
        descriptor.writeAll(bytes)
    }
}
