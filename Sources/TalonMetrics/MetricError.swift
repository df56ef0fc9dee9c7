import TalonPlatform

/// What went wrong in the metrics engine.
///
/// Never fatal: the caller reports it and goes on.
package struct MetricError: Error, Sendable, Equatable {
    /// What kind of failure it is.
    ///
    /// The names are the values of the label `reason`, so their number is fixed.
    package enum Code: String, Sendable, Hashable, CaseIterable {
        /// A file or the directory could not be opened, read or created.
        case access
        /// The file system has no room, or a limit on file sizes forbids more.
        case space
        /// Another process, or another store of this one, holds the files of this identifier.
        case held
        /// Memory could not be mapped.
        case memory
        /// The file is as large as Talon lets one grow.
        case full
        /// The bytes are not what the format says.
        case format
        /// A metric or a label has a name that Prometheus does not accept.
        case name
    }

    package let code: Code
    /// The system's error number, where a system call failed.
    package let errno: Int32?
    /// What was being done and to what; names the file or the metric.
    package let context: String

    package init(_ code: Code, errno: Int32? = nil, _ context: String) {
        self.code = code
        self.errno = errno
        self.context = context
    }
}

extension MetricError: CustomStringConvertible {
    package var description: String {
        errno.map { "\(context): \(SystemError.text(of: $0))" } ?? context
    }
}
