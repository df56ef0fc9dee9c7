import TalonPlatform
import TalonSettings

extension Master {
    /// Checks what a start would: the plugins, the files of the sockets and of the metrics port, and that the application
    /// can be loaded, by a worker that ends when it has. Returns the exit status. Binds nothing and writes no metrics.
    package func check() throws(StartError) -> Int32 {
        try checkEndpoint()
        try checkSockets()
        hooks = try makeHooks()
        defer { finishHelpers() }
        do {
            _ = try findPlugins(inUse: nil)
        } catch {
            throw StartError("talon: \(error.reason)", status: 1)
        }
        do {
            scoreboard[0].claim(age: 1, generation: supervisor.generation)
            var description = try children.worker(
                program, slot: 0, age: 1, generation: supervisor.generation, listeners: [],
                plugins: PluginSet(members: [], defaults: defaultHooks), checksOnly: true)
            // Else prometheus_client would want the folder, which a start makes and this does not.
            description.environment.removeAll { $0.name == "PROMETHEUS_MULTIPROC_DIR" }
            let process = try ChildProcess.spawn(description)
            guard let status = try wait(for: process) else {
                process.killAndReap()
                throw StartError("talon: the application is not loaded within boot_timeout", status: 1)
            }
            return status == .exited(0) ? 0 : 1
        } catch let error as StartError {
            throw error
        } catch {
            throw StartError("talon: \(error)", status: 1)
        }
    }

    /// How it ended; nil if it did not within the boot limit. A signal to stop ends both.
    private func wait(for process: ChildProcess) throws(StartError) -> ExitStatus? {
        let limit = UInt64(settings.bootTimeout) * nanosecondsPerSecond
        let begun = MonotonicClock.now()
        while true {
            let spent = MonotonicClock.now() - begun
            guard limit == 0 || spent < limit else { return nil }
            let rest = limit == 0 ? -1 : Int32(clamping: (limit - spent) / 1_000_000 + 1)
            let ready = PollSet.wait(for: [process.descriptor, signals.descriptor], timeoutMilliseconds: rest)
            if ready.contains(process.descriptor), let status = process.reap() { return status }
            guard ready.contains(signals.descriptor), signals.read().contains(where: \.isStop) else { continue }
            process.killAndReap()
            throw StartError("talon: stopped by a signal", status: 1)
        }
    }
}

extension Signal {
    /// Tells a server to stop.
    var isStop: Bool { [.interrupt, .quit, .terminate].contains(self) }
}
