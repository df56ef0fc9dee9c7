import TalonPlatform
import TalonSettings

/// The hook runner: the program that holds one plugin for the master.
///
/// Its only thread waits for calls and runs them. A plugin that hangs, crashes or ends the process takes this process
/// with it and nothing else.
package enum HookRunner {
    /// Runs until the master closes the socket. Returns the exit status.
    package static func run() -> Int32 {
        Signal.leaveTheEndToTheMaster()
        guard let inheritance = Inheritance.received() else {
            FileDescriptor.standardError.writeAll(Array("talon: a hook runner is started by the master\n".utf8))
            return 2
        }
        let link = MasterLink(socket: FileDescriptor(rawValue: Inheritance.Place.first))
        guard let plugin = inheritance.plugins.first.flatMap({ ResolvedPlugin(inherited: $0) }) else { return 2 }
        do {
            let services = HostServices(
                log: { level, message in link.log(level, message) },
                setting: { inheritance.setting($0) },
                request: { link.request($0) })
            let plugin = try LoadedPlugin(plugin, services: services)
            guard link.say(.hello(id: plugin.id, version: plugin.version)) else { return 0 }
            serve(plugin, link)
            plugin.destroy()
            return 0
        } catch {
            _ = link.say(.refused(reason: error.reason))
            return 1
        }
    }

    private static func serve(_ plugin: LoadedPlugin, _ link: MasterLink) {
        let block = FactBlock()
        while let frame = link.next() {
            guard case .call(let number, let deadline, let facts) = frame, let point = HookPoint(rawValue: number)
            else { continue }
            block.update(facts)
            guard link.say(.result(status: plugin.status(of: point, block, deadline))) else { return }
        }
    }
}

extension LoadedPlugin {
    /// The raw status of a hook, for the master to judge.
    fileprivate func status(of point: HookPoint, _ facts: FactBlock, _ deadline: UInt64) -> Int32 {
        switch call(point, facts, deadline: deadline) {
        case nil, .ok: 0
        case .handled: 1
        case .deny: 2
        case .retry: -2
        case .misbehaved(let status): status
        default: -1
        }
    }
}

/// The runner's end of the socket. A plugin's own threads may log, so writing is serialised.
private final class MasterLink: @unchecked Sendable {
    // Unchecked: `channel` is read by the runner's one thread; writing holds the lock.
    private var channel: FrameChannel
    private let lock = Lock()

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
        _ = say(.log(level: level.rawValue, message: message))
    }

    func request(_ request: HostRequest) -> Int32 {
        guard say(.request(request)), case .answer(let status)? = next() else { return -1 }
        return status
    }
}
