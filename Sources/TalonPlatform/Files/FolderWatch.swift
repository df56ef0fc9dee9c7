import CTalonPlatform
import Glibc

/// Tells that something has changed in one of some folders, not what; inotify(7). One thread.
package final class FolderWatch {
    /// Readable when something has changed.
    package let descriptor: FileDescriptor
    private var folders: Set<String> = []

    /// Throws where the user has too many already, or the kernel has none.
    package init() throws(SystemError) {
        let raw = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
        guard raw >= 0 else { throw .last("inotify_init1") }
        descriptor = FileDescriptor(rawValue: raw)
    }

    deinit { descriptor.close() }

    /// Watches a folder too. False if that cannot be; a folder that is watched already is no other.
    package func add(_ folder: String) -> Bool {
        guard folders.insert(folder).inserted else { return true }
        // Editors write a file beside the old one and rename it; others write into it.
        let events = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_ATTRIB | IN_ONLYDIR
        return inotify_add_watch(descriptor.rawValue, folder, UInt32(bitPattern: Int32(truncatingIfNeeded: events)))
            >= 0
    }

    /// Whether something has changed since the last call. Waits for nothing.
    package func take() -> Bool {
        var events: [UInt8] = []
        var changed = false
        while let count = try? descriptor.read(upTo: 65536, into: &events), count > 0 {
            changed = true
            events.removeAll(keepingCapacity: true)
        }
        return changed
    }
}
