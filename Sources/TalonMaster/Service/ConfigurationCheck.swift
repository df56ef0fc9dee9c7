import TalonPlatform
import TalonSettings

extension Master {
    /// Checks what a start would: the plugins, the files of the metrics port, and that the application can be loaded,
    /// by a worker that ends when it has. Returns the exit status. Binds nothing and writes no metrics.
    package func check() throws(StartError) -> Int32 {
        try checkEndpoint()
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
            let limit = settings.bootTimeout == 0 ? -1 : Int32(settings.bootTimeout) * 1000
            guard process.descriptor.waitUntil(1, timeoutMilliseconds: limit), let status = process.reap() else {
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
}
