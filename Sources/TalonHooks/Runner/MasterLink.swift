import Glibc
import TalonPlatform

/// The runner's end of the socket. A plugin's own threads may log, so writing is serialised.
final class MasterLink: @unchecked Sendable {
    // Unchecked: `channel` is read, and `isInCall` used, by the runner's one thread; writing holds the lock.
    private var channel: FrameChannel
    private let lock = Lock()
    private let owner = pthread_self()
    private var isInCall = false

    init(socket: FileDescriptor) {
        channel = FrameChannel(socket: socket)
    }

    func say(_ frame: HookFrame) -> Bool {
        lock.withLock { channel.socket.writeAll(frame.encoded) }
    }

    func next() -> HookFrame? {
        try? channel.receive(before: nil)
    }

    func log(_ level: LogLevel, _ message: String) {
        _ = say(.log(level: level.rawValue, message: String(message.prefix(HookFrame.textLimit))))
    }

    /// Runs a hook: only meanwhile does the master perform what the plugin requests.
    func inCall(_ hook: () -> Int32) -> Int32 {
        isInCall = true
        defer { isInCall = false }
        return hook()
    }

    /// The master's answer. The master sends nothing else while a call runs, so the next frame is it.
    func request(_ request: HostRequest) -> Int32 {
        guard pthread_equal(pthread_self(), owner) != 0, isInCall else { return -1 }
        guard say(.request(request)), case .answer(let status)? = next() else { return -1 }
        return status
    }
}
