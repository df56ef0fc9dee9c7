import CTalonPlatform
import Glibc

/// A system call that failed: which, why, and on what.
package struct SystemError: Error, Equatable {
    /// The call, as its man page is named.
    package let call: String
    /// The errno that it left.
    package let errno: Int32
    /// The file, address or number that it was about; may be empty.
    package let context: String

    package init(call: String, errno: Int32, context: String = "") {
        self.call = call
        self.errno = errno
        self.context = context
    }

    /// The error of the call that has just failed on this thread.
    package static func last(_ call: String, _ context: String = "") -> SystemError {
        SystemError(call: call, errno: Glibc.errno, context: context)
    }

    /// Nothing is wrong; there was only nothing to read or no room to write.
    package var isTransient: Bool { errno == EAGAIN || errno == EINTR }

    /// The text of an errno, by strerror(3).
    package static func text(of errno: Int32) -> String {
        guard let text = strerror(errno) else { return "error \(errno)" }
        return String(cString: text)
    }
}

extension SystemError: CustomStringConvertible {
    package var description: String {
        let subject = context.isEmpty ? call : "\(call) \(context)"
        return "\(subject): \(SystemError.text(of: errno))"
    }
}

/// The errno of the last failed call on this thread.
package var lastErrno: Int32 { Glibc.errno }

/// Calls again as long as a signal interrupted the call.
@inline(__always)
package func retrying(_ call: () -> Int) -> Int {
    while true {
        let result = call()
        if result >= 0 || Glibc.errno != EINTR { return result }
    }
}

/// EADDRINUSE.
package let addressInUse: Int32 = EADDRINUSE

/// ENAMETOOLONG.
package let nameTooLong: Int32 = ENAMETOOLONG

/// EINPROGRESS.
package let inProgress: Int32 = EINPROGRESS

extension SystemError {
    /// EINVAL.
    package static let invalid: Int32 = EINVAL
}
