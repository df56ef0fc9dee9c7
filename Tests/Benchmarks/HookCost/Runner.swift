import TalonHooks
import TalonPlatform
import TalonSettings

/// A real hook runner for a plugin file, without a server around it.
struct Runner {
    let process: HookRunnerProcess
    static let facts = HookFacts(
        server: .init(
            pid: ThisProcess.pid, name: "bench", version: TalonVersion.text, address: "127.0.0.1", port: 8000,
            workers: 1, generation: 1, startedAt: 0))

    /// `talon` is the program that a runner is; `config` are the plugin's settings.
    init(_ plugin: ResolvedPlugin, talon: String, log: ErrorLog) throws {
        let scoreboard = try Scoreboard.create(slotCount: 1)
        let bell = try EventDescriptor.create()
        let breakers = try BreakerTable.create()
        process = HookRunnerProcess(plugin, log: log) { socket throws(SystemError) in
            var inheritance = Inheritance(masterPid: ThisProcess.pid, home: "/nowhere", application: "bench")
            var name = ""
            if case .file(let path) = plugin.image { name = path }
            inheritance.plugins = [InheritedPlugin(index: 0, description: plugin.description.encoded, name: name)]
            let facts = try SealedFile.create(name: "talon-inheritance", contents: inheritance.encoded)
            return ProcessDescription(
                program: talon, arguments: ["talon:", "hook-runner"], environment: ThisProcess.environment(),
                descriptors: [facts, scoreboard.descriptor, bell.descriptor, breakers.descriptor, socket],
                handedOver: [facts], parentDeathSignal: .kill)
        }
        try process.start()
    }

    func call(limit: UInt64 = nanosecondsPerSecond) -> HookOutcome {
        process.call(.whenReady, Runner.facts, limit: limit) { _ in -1 }.outcome
    }

    /// Starts it again at once, whatever its back-off says.
    func restart() {
        process.maintain(now: .max)
    }
}
