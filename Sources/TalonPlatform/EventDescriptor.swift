import CTalonPlatform
import Glibc

/// An eventfd(2): one process or thread rings, another waits on the descriptor.
package struct EventDescriptor: Sendable {
    package let descriptor: FileDescriptor

    package init(inherited descriptor: FileDescriptor) {
        self.descriptor = descriptor
    }

    package static func create() throws(SystemError) -> EventDescriptor {
        let raw = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard raw >= 0 else { throw .last("eventfd") }
        return EventDescriptor(inherited: FileDescriptor(rawValue: raw))
    }

    /// Makes the descriptor readable. Any thread.
    package func ring() {
        var one: UInt64 = 1
        _ = write(descriptor.rawValue, &one, 8)
    }

    /// Makes it unreadable again.
    package func clear() {
        var count: UInt64 = 0
        _ = read(descriptor.rawValue, &count, 8)
    }
}
