import Glibc
import Synchronization

/// How a process has ended.
package enum ProcessEnd: Equatable, Sendable {
    case exited(Int32)
    case signaled(Int32)

    init(waitStatus status: Int32) {
        let signal = status & 0x7f
        self = signal == 0 ? .exited((status >> 8) & 0xff) : .signaled(signal)
    }
}

/// A program to start.
package struct Launch: Sendable {
    package var program: String
    package var arguments: [String]
    package var environment: [String: String]
    package var directory: String?
    package var input = "/dev/null"
    /// Files that its standard output and standard error are appended to.
    package var output = "/dev/null"
    package var error = "/dev/null"
    /// Descriptors above 2 that it inherits, each open on a file.
    package var descriptors: [Int32: String] = [:]

    package init(_ program: String, _ arguments: [String], environment: [String: String], directory: String? = nil) {
        self.program = program
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
    }
}

/// A child of the test, the leader of its own session and process group.
package final class SpawnedProcess: Sendable {
    package let pid: Int32
    private let end = Mutex<ProcessEnd?>(nil)

    package init(_ launch: Launch) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let writing = O_WRONLY | O_CREAT | O_APPEND
        posix_spawn_file_actions_addopen(&actions, 0, launch.input, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, launch.output, writing, 0o644)
        posix_spawn_file_actions_addopen(&actions, 2, launch.error, writing, 0o644)
        for descriptor in Int32(3)..<256 { posix_spawn_file_actions_addclose(&actions, descriptor) }
        for (descriptor, path) in launch.descriptors {
            posix_spawn_file_actions_addopen(&actions, descriptor, path, O_RDWR, 0)
        }

        // The program starts as from a fresh shell: no signal blocked, none ignored.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        let newSession: Int32 = 0x80  // POSIX_SPAWN_SETSID, which Swift's Glibc does not show
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | newSession))

        // env(1) changes the directory and execs: the pid stays.
        let start = launch.directory.map { ["env", "-C", $0] } ?? []
        let argv = (start + [launch.program] + launch.arguments).map { strdup($0) } + [nil]
        let envp = launch.environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        var pid: pid_t = 0
        let result = posix_spawnp(&pid, start.first ?? launch.program, &actions, &attributes, argv, envp)
        guard result == 0 else {
            throw TestFailure("cannot start \(launch.program): \(String(cString: strerror(result)))")
        }
        self.pid = pid
    }

    /// How it has ended; nil while it runs.
    package func reap() -> ProcessEnd? {
        end.withLock { end in
            if end == nil {
                var status: Int32 = 0
                if waitpid(pid, &status, WNOHANG) == pid { end = ProcessEnd(waitStatus: status) }
            }
            return end
        }
    }

    package func wait(within allowed: Duration) throws -> ProcessEnd {
        try eventually("process \(pid) has ended", within: allowed) { reap() }
    }

    /// Sends a signal unless it has ended: then the pid may be another's.
    package func signal(_ number: Int32) {
        end.withLock { if $0 == nil { _ = kill(pid, number) } }
    }

    /// Sends a signal to the process group, as the terminal does on Ctrl-C.
    package func signalGroup(_ number: Int32) {
        end.withLock { if $0 == nil { _ = kill(-pid, number) } }
    }
}
