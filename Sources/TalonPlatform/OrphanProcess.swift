import CTalonPlatform
import Glibc

/// A process that goes on in a copy of its maker and becomes the child of the subreaper above it; talon_orphan.h.
package enum OrphanProcess {
    package enum Side: Sendable {
        /// The maker, and a descriptor of the new process.
        case maker(FileDescriptor)
        /// The new process.
        case orphan
    }

    /// Forks it, under the name that `name` is. The calling thread is the only one in it.
    package static func fork(name: String) throws(SystemError) -> Side {
        var pidfd: Int32 = -1
        let pid = talon_fork_orphan(name, &pidfd)
        guard pid >= 0 else { throw .last("fork") }
        return pid == 0 ? .orphan : .maker(FileDescriptor(rawValue: pidfd))
    }

    /// Puts the i-th at 3 + i, whatever is there, and closes the originals.
    package static func place(_ descriptors: [FileDescriptor]) throws(SystemError) {
        var numbers = descriptors.map(\.rawValue)
        guard talon_place_descriptors(&numbers, numbers.count) == 0 else { throw .last("dup2") }
    }
}

extension ThisProcess {
    /// Makes this process the parent of what its descendants leave behind; prctl(2), PR_SET_CHILD_SUBREAPER.
    package static func becomeSubreaper() throws(SystemError) {
        guard talon_become_subreaper() == 0 else { throw .last("prctl") }
    }

    /// Has the kernel send `signal` when the parent dies. False if `parent` is not the parent any more.
    package static func follow(parent: Int32, with signal: Signal) -> Bool {
        talon_follow_parent(parent, signal.rawValue) == 0
    }

    /// The name in lists of processes, of at most 15 bytes; comm of proc(5). The main thread.
    package static var name: String {
        get {
            var name = [CChar](repeating: 0, count: 16)
            talon_get_name(&name)
            return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        set { talon_set_name(newValue) }
    }
}

extension ChildProcess {
    /// A child that another process has started for this one. Throws if the descriptor, which the child is to be known
    /// by, is of no child of this process; it is closed then.
    package static func adopt(_ descriptor: FileDescriptor) throws(SystemError) -> ChildProcess {
        let pid = talon_pidfd_child(descriptor.rawValue)
        guard pid > 0 else {
            let error = SystemError.last("waitid")
            descriptor.close()
            throw error
        }
        return ChildProcess(pid: pid, descriptor: descriptor)
    }
}
