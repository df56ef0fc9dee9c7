import CTalonPlatform
import Glibc

/// This process's own environment and identity.
package enum ThisProcess {
    package static var pid: Int32 { getpid() }
    package static var parentPid: Int32 { getppid() }
    package static var isRoot: Bool { geteuid() == 0 }

    /// All arguments, the program's name first.
    package static var arguments: [String] { CommandLine.arguments }

    /// The value of an environment variable; nil if it is not set.
    package static func environment(_ name: String) -> String? {
        guard let value = getenv(name) else { return nil }
        return String(cString: value)
    }

    /// Every variable, in the order of environ(7). Bytes that are no UTF-8 are repaired.
    package static func environment() -> [(name: String, value: String)] {
        var all: [(name: String, value: String)] = []
        var entry: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> = environ
        while let text = entry.pointee {
            let parts = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { all.append((String(parts[0]), String(parts[1]))) }
            entry += 1
        }
        return all
    }

    /// setenv(3). Only while the process has one thread.
    package static func setEnvironment(_ name: String, _ value: String) {
        setenv(name, value, 1)
    }

    /// unsetenv(3). Only while the process has one thread.
    package static func removeEnvironment(_ name: String) {
        unsetenv(name)
    }

    /// The absolute path of the program, symbolic links resolved.
    package static var executablePath: String? {
        guard let path = realpath("/proc/self/exe", nil) else { return nil }
        defer { free(path) }
        return String(cString: path)
    }

    /// The current directory.
    package static var directory: String? {
        guard let path = getcwd(nil, 0) else { return nil }
        defer { free(path) }
        return String(cString: path)
    }

    package static func changeDirectory(to path: String) throws(SystemError) {
        guard chdir(path) == 0 else { throw .last("chdir", path) }
    }

    /// Ends the process; exit(3).
    package static func exit(_ status: Int32) -> Never {
        Glibc.exit(status)
    }

    /// Becomes another program; execv(3). Returns only if that fails, with the errno.
    package static func become(_ program: String, _ arguments: [String]) -> Int32 {
        var words = arguments.map { strdup($0) }
        words.append(nil)
        defer { for word in words { free(word) } }
        execv(program, &words)
        return lastErrno
    }

    /// Has the C library give back memory that a crowd of threads took; mallopt(3). While the process has one thread.
    package static func returnFreedMemory() {
        talon_return_freed_memory()
    }

    /// How many descriptors it has open, by proc(5); the one that is open for looking is not counted.
    package static var openDescriptors: Int {
        guard let directory = opendir("/proc/self/fd") else { return 0 }
        defer { closedir(directory) }
        var count = -3  // ".", ".." and the directory itself
        while readdir(directory) != nil { count += 1 }
        return count
    }

    /// How many threads it has now; nil if /proc cannot be read.
    package static var threadCount: Int? {
        let count = talon_thread_count()
        return count < 0 ? nil : Int(count)
    }
}

extension ThisProcess {
    /// The names of its threads, by proc(5).
    package static var threadNames: [String] {
        guard let directory = opendir("/proc/self/task") else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let id = entry.name
            guard !id.hasPrefix("."), let name = try? FileDescriptor.contents(of: "/proc/self/task/\(id)/comm")
            else { continue }
            names.append(String(decoding: name, as: UTF8.self).filter { $0 != "\n" })
        }
        return names
    }
}
