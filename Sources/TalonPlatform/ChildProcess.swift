import CTalonPlatform
import Glibc

/// What to start, and what it inherits.
package struct ProcessDescription: Sendable {
    package var program: String
    package var arguments: [String]
    package var environment: [(name: String, value: String)]
    package var directory: String?
    /// The i-th becomes descriptor 3 + i of the child.
    package var descriptors: [FileDescriptor]
    /// Those of them that only the child needs; closed here once it is started, or cannot be.
    package var handedOver: [FileDescriptor]
    /// Sent to the child when this process dies; nil for one that outlives it.
    package var parentDeathSignal: Signal?
    /// Whom the child becomes; nil: it stays who this process is.
    package var identity: ProcessIdentity?

    package init(
        program: String, arguments: [String], environment: [(name: String, value: String)],
        directory: String? = nil, descriptors: [FileDescriptor], handedOver: [FileDescriptor] = [],
        parentDeathSignal: Signal?
    ) {
        self.program = program
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
        self.descriptors = descriptors
        self.handedOver = handedOver
        self.parentDeathSignal = parentDeathSignal
    }
}

/// How a process has ended; wait(2).
package enum ExitStatus: Equatable, Sendable {
    case exited(Int32)
    case signaled(Signal)
}

/// A child of this process: its pid, and a descriptor that becomes readable when it has ended.
package struct ChildProcess: Sendable {
    package let pid: Int32
    package let descriptor: FileDescriptor

    /// Forks and execs. Throws what failed in the child too: no such program, no permission.
    package static func spawn(_ description: ProcessDescription) throws(SystemError) -> ChildProcess {
        defer { for descriptor in description.handedOver { descriptor.close() } }
        let environment = description.environment.map { "\($0.name)=\($0.value)" }
        let pid = withCStrings(description.arguments) { arguments in
            withCStrings(environment) { environment in
                var descriptors = description.descriptors.map(\.rawValue)
                return descriptors.withUnsafeMutableBufferPointer { descriptors in
                    description.program.withCString { program in
                        withOptionalCString(description.directory) { directory in
                            withIdentity(description.identity) { identity in
                                var request = talon_spawn_request(
                                    program: program, arguments: arguments, environment: environment,
                                    directory: directory, descriptors: descriptors.baseAddress,
                                    descriptor_count: Int32(descriptors.count), identity: identity,
                                    parent_death_signal: description.parentDeathSignal?.rawValue ?? 0)
                                return talon_spawn(&request)
                            }
                        }
                    }
                }
            }
        }
        guard pid > 0 else { throw .last("exec", description.program) }
        let descriptor = talon_pidfd_open(pid)
        guard descriptor >= 0 else {
            let error = SystemError.last("pidfd_open", "\(pid)")
            Signal.kill.send(to: pid)
            var status: Int32 = 0
            _ = retrying { Int(waitpid(pid, &status, 0)) }
            throw error
        }
        return ChildProcess(pid: pid, descriptor: FileDescriptor(rawValue: descriptor))
    }

    /// Its end, if it has ended; the pid is free after that. Closes the descriptor.
    package func reap() -> ExitStatus? {
        var status: Int32 = 0
        let result = retrying { Int(waitpid(pid, &status, WNOHANG)) }
        guard result == Int(pid) else { return nil }
        descriptor.close()
        return ExitStatus(waitStatus: status)
    }

    /// Reaps the next ended child that nobody here started: an orphan of an application, when this is process 1 or a
    /// subreaper. nil if there is none; one of `known` is left alone, and seen again later.
    package static func reapUnknown(besides known: Set<Int32>) -> (pid: Int32, status: ExitStatus)? {
        let pid = talon_ended_child()
        guard pid > 0, !known.contains(pid) else { return nil }
        var status: Int32 = 0
        guard retrying({ Int(waitpid(pid, &status, WNOHANG)) }) == Int(pid) else { return nil }
        return (pid, ExitStatus(waitStatus: status))
    }

    /// Sends KILL, waits and reaps.
    package func killAndReap() {
        Signal.kill.send(to: pid)
        var status: Int32 = 0
        _ = retrying { Int(waitpid(pid, &status, 0)) }
        descriptor.close()
    }
}

extension ExitStatus {
    init(waitStatus status: Int32) {
        let signal = status & 0x7f
        self = signal == 0 ? .exited((status >> 8) & 0xff) : .signaled(Signal(signal))
    }
}

private func withCStrings<Result>(
    _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    var pointers = strings.map { strdup($0) }
    pointers.append(nil)
    defer { for pointer in pointers { free(pointer) } }
    return pointers.withUnsafeMutableBufferPointer { buffer in
        // The buffer has at least the terminating NULL, so it has an address.
        guard let base = buffer.baseAddress else { preconditionFailure("empty argument vector") }
        return body(base)
    }
}

private func withIdentity<Result>(
    _ identity: ProcessIdentity?, _ body: (UnsafePointer<talon_identity>?) -> Result
) -> Result {
    guard let identity else { return body(nil) }
    return identity.groups.withUnsafeBufferPointer { groups in
        var value = talon_identity(
            user: identity.user, group: identity.group, groups: groups.baseAddress, group_count: Int32(groups.count))
        return body(&value)
    }
}

private func withOptionalCString<Result>(_ text: String?, _ body: (UnsafePointer<CChar>?) -> Result) -> Result {
    guard let text else { return body(nil) }
    return text.withCString { body($0) }
}

extension ExitStatus {
    /// "exited with code 3" or "was sent SIGKILL".
    package var phrase: String {
        switch self {
        case .exited(let code): "exited with code \(code)"
        case .signaled(let signal): "was sent \(signal.name)"
        }
    }
}
