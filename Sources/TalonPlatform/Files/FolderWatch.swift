import CTalonPlatform
import Glibc

/// Tells that something has changed in one of some folders, not what; inotify(7). One thread.
package final class FolderWatch {
    /// Readable when something has changed.
    package let descriptor: FileDescriptor
    /// By watch.
    private var folders: [Int32: String] = [:]
    private var names: Set<String> = []

    /// Throws where the user has too many already, or the kernel has none.
    package init() throws(SystemError) {
        let raw = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
        guard raw >= 0 else { throw .last("inotify_init1") }
        descriptor = FileDescriptor(rawValue: raw)
    }

    deinit { descriptor.close() }

    /// Watches a folder too. False if that cannot be; a folder that is watched already is no other.
    package func add(_ folder: String) -> Bool {
        guard !names.contains(folder) else { return true }
        // Editors write a file beside the old one and rename it; others write into it.
        let events = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_ATTRIB | IN_ONLYDIR
        let mask = UInt32(bitPattern: Int32(truncatingIfNeeded: events))
        let watch = inotify_add_watch(descriptor.rawValue, folder, mask)
        guard watch >= 0 else { return false }
        names.insert(folder)
        folders[watch] = folder
        return true
    }

    /// Whether something has changed since the last call. Waits for nothing.
    package func take() -> Bool {
        var events: [UInt8] = []
        var changed = false
        while let count = try? descriptor.read(upTo: 65536, into: &events), count > 0 {
            changed = true
            forget(events)
            events.removeAll(keepingCapacity: true)
        }
        return changed
    }

    /// Folders that are gone: one of the same name is another.
    private func forget(_ events: [UInt8]) {
        let size = MemoryLayout<inotify_event>.size
        var offset = 0
        while offset + size <= events.count {
            let event = events.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: inotify_event.self) }
            offset += size + Int(event.len)
            guard event.mask & UInt32(IN_IGNORED) != 0 else { continue }
            if let name = folders.removeValue(forKey: event.wd) { names.remove(name) }
        }
    }
}
