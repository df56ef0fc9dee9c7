import TalonPlatform

/// Listening sockets that the service manager opened before it started the server; sd_listen_fds(3).
///
/// They are its own: it goes on listening when the server is gone, so they are neither shut down nor unlinked here.
enum SocketActivation {
    enum Variable {
        static let pid = "LISTEN_PID"
        static let count = "LISTEN_FDS"
        static let names = "LISTEN_FDNAMES"
    }

    /// The first descriptor; they follow each other.
    private static let first: Int32 = 3
    /// More than a server listens on; a number that is larger is a mistake.
    private static let limit: Int32 = 1024

    /// Empty if the variables are not there or mean another process. Takes them out of the environment, for no child
    /// is to see them.
    static func received() throws(StartError) -> [Listener] {
        let pid = take(Variable.pid)
        let count = take(Variable.count)
        let names = (take(Variable.names) ?? "").split(separator: ":", omittingEmptySubsequences: false)
        guard let pid, Int32(pid) == ThisProcess.pid, let count else { return [] }
        guard let number = Int32(count), (0...limit).contains(number) else {
            throw StartError(
                "talon: \(Variable.count) is \(count.debugDescription), no number of sockets; unset it", status: 1)
        }
        var listeners: [Listener] = []
        for index in 0..<number {
            do {
                listeners.append(try .adopt(FileDescriptor(rawValue: first + index)))
            } catch {
                let name = names.indices.contains(Int(index)) ? " (\(names[Int(index)]))" : ""
                throw StartError(
                    "talon: \(Variable.count): descriptor \(first + index)\(name) cannot be served on: \(error); "
                        + "a socket unit needs ListenStream= and Accept=no", status: 1)
            }
        }
        return listeners
    }

    private static func take(_ variable: String) -> String? {
        defer { ThisProcess.removeEnvironment(variable) }
        return ThisProcess.environment(variable)
    }
}
