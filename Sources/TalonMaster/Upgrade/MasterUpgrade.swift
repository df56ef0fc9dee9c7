import TalonHooks
import TalonPlatform
import TalonSettings

/// A binary upgrade: a second master, of the program as it lies on the disk now, serves on the same sockets beside this
/// one. Whoever asked for it ends this one by TERM when the other serves well, or the other when it does not.
extension Master {
    /// Whether another master serves on the same sockets.
    var sharesListeners: Bool { successor != nil || predecessor?.hasEnded == false }

    /// Starts the second master.
    func upgrade() {
        guard supervisor.isRunning else { return }
        guard successor == nil else { return log.warning("USR2 signal ignored. Child exists.") }
        guard predecessor?.hasEnded != false else { return log.warning("USR2 signal ignored. Parent exists.") }
        guard runPreExec() else { return }
        do {
            let shared = sharedListeners
            let process = try ChildProcess.spawn(
                try children.successor(shared, areActivated: areListenersActivated, metrics: exporter?.listener))
            successor = process
            log.info("Started a new master (pid:\(process.pid)) on the same sockets")
        } catch {
            log.error("No binary upgrade: \(error)")
        }
    }

    /// The hooks of `pre_exec`. False if one of them vetoes.
    private func runPreExec() -> Bool {
        guard let reason = hooks?.run(.preExec, pluginSet).reason(.preExec) else { return true }
        log.error("No binary upgrade: \(reason)")
        return false
    }

    /// The second master has ended; this one is alone again.
    func successorEnded() {
        guard let process = successor, let status = process.reap() else { return }
        successor = nil
        log.error("The new master (pid:\(process.pid)) \(status.phrase); this one goes on")
    }

    /// Takes the place of the master that started this one, once that is gone.
    ///
    /// The line of the log comes last: who waits for it finds the pid file, the control socket and the service manager
    /// as they stay.
    func promote() {
        guard predecessor?.hasEnded == true else { return }
        predecessor = nil
        promotePidFile()
        promoteControl()
        tellPromotion()
        log.info("Master has been promoted.")
    }

    private func promotePidFile() {
        guard let path = settings.pidFile, let file = pidFile else { return }
        do {
            pidFile = try file.renamed(to: path)
        } catch {
            log.error("--pid: \(error)")
        }
    }
}

extension ChildFactory {
    /// A master as this one was started, in the same folder and with the same arguments and environment.
    fileprivate func successor(
        _ listeners: [Listener], areActivated: Bool, metrics: Listener?
    ) throws(SystemError) -> ProcessDescription {
        requireOneThread()
        let shared = listeners + (metrics.map { [$0] } ?? [])
        var description = ProcessDescription(
            program: programOnDisk, arguments: ThisProcess.arguments, environment: ThisProcess.environment(),
            directory: directory, descriptors: shared.map(\.descriptor), parentDeathSignal: nil)
        // They become the descriptors from 3 on, in this order.
        let numbers = shared.indices.map { "\(3 + $0)" }
        description.setEnvironment(Predecessor.Variable.pid, "\(ThisProcess.pid)")
        description.setEnvironment(
            Predecessor.Variable.listeners, numbers.prefix(listeners.count).joined(separator: ","))
        if areActivated { description.setEnvironment(Predecessor.Variable.activated, "1") }
        // Whoever it means, it is not that one.
        description.environment.removeAll { $0.name == ServiceManager.Variable.watchdogPid }
        if metrics != nil { description.setEnvironment(Predecessor.Variable.metrics, numbers.last ?? "") }
        return description
    }

    /// Found again by the name that it was started with: a link on the way may lead to a newer one now.
    private var programOnDisk: String {
        let name = ThisProcess.arguments.first ?? ""
        if name.hasPrefix("/") { return name }
        if name.contains("/") { return "\(directory)/\(name)" }
        let folders = (ThisProcess.environment("PATH") ?? "").split(separator: ":")
        let found = folders.map { "\($0)/\(name)" }.first { FileAccess.isExecutableFile($0) }
        return found ?? distribution.executable
    }
}
