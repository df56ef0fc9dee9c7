import Glibc

#if canImport(TalonPluginKit)
import TalonPluginKit
#endif

/// A process that lives as long as the server: a child of the hook runner, where the server's own hooks run.
final class ProcessManager {
    /// How long it has to end by itself, in tenths of a second.
    private static let patience = 50
    private let command: String?
    private var helper: pid_t?

    init(_ host: PluginHost) {
        command = host.setting("helper")
    }

    func startHelper() throws {
        guard let command, helper == nil else { return }
        let words = ["sh", "-c", "exec \(command)"]
        var arguments = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var pid: pid_t = 0
        let failure = posix_spawn(&pid, "/bin/sh", nil, nil, &arguments, environ)
        guard failure == 0 else { throw PluginFailure("\(command): \(String(cString: strerror(failure)))") }
        helper = pid
    }

    func cleanUp(_ call: HookCall) {
        guard let pid = helper else { return }
        helper = nil
        call.log(.info, "Terminating child process: \(pid)")
        kill(pid, SIGTERM)
        for _ in 0..<ProcessManager.patience {
            if waitpid(pid, nil, WNOHANG) == pid { return }
            usleep(100_000)
        }
        call.log(.warning, "Force killing child process: \(pid)")
        kill(pid, SIGKILL)
        waitpid(pid, nil, 0)
    }
}
