import TalonHooks
import TalonPlatform
import TalonSettings

/// Workers that are forked from a seed: between what the supervisor wants and what a seed says.
extension Master {
    /// The interpreter of seeds; nil if there are to be none.
    var seedInterpreter: String? {
        guard settings.preloads, case .python(let interpreter) = program else { return nil }
        return interpreter
    }

    /// Has a worker forked from the seed of its generation, which is started if it is not there.
    func spawnFromSeed(_ request: SeedProcess.Request, _ generation: UInt64, _ interpreter: String) {
        do {
            let seed = try seeds[generation] ?? start(generation, interpreter)
            seed.waiting.append(request)
            advance(seed)
        } catch {
            handle(.spawnFailed(slot: request.slot, reason: "\(error)"))
        }
    }

    private func start(_ generation: UInt64, _ interpreter: String) throws(SystemError) -> SeedProcess {
        let plugins = pluginSet(of: generation)
        let seed = try SeedProcess(generation: generation, limit: supervisor.limits.boot) {
            [children, listeners] socket throws(SystemError) in
            try children.seed(
                interpreter, generation: generation, listeners: listeners, plugins: plugins, socket: socket)
        }
        seeds.add(seed)
        return seed
    }

    /// Asks for the next worker, if the seed has nothing else to do.
    private func advance(_ seed: SeedProcess) {
        while isInUse(seed), seed.isLoaded, seed.current == nil, !seed.waiting.isEmpty {
            let request = seed.waiting.removeFirst()
            guard supervisor.wants(slot: request.slot, age: request.age),
                mayFork(request.slot, request.age, seed.generation)
            else { continue }
            scoreboard[request.slot].claim(age: request.age, generation: seed.generation)
            do {
                let description = try withWorkerListeners { listeners throws(SystemError) in
                    try children.worker(
                        program, slot: request.slot, age: request.age, generation: seed.generation,
                        listeners: listeners, plugins: pluginSet(of: seed.generation))
                }
                try seed.fork(request, description)
            } catch {
                scoreboard[request.slot].release()
                handle(.spawnFailed(slot: request.slot, reason: "\(error)"))
            }
        }
    }

    /// Takes what a seed says, or its end.
    func seedReadable(_ seed: SeedProcess) {
        while isInUse(seed), let (message, descriptor) = seed.next() { take(message, descriptor, from: seed) }
        guard isInUse(seed) else { return }
        if let status = seed.process.reap() { seedEnded(seed, status) } else { advance(seed) }
    }

    /// Whatever is performed may retire a seed, whose descriptors are another's then.
    private func isInUse(_ seed: SeedProcess) -> Bool { seeds[seed.generation] === seed }

    private func take(_ message: SeedMessage, _ descriptor: FileDescriptor?, from seed: SeedProcess) {
        switch message {
        case .loaded where !seed.isLoaded:
            seed.loaded()
            let milliseconds = (MonotonicClock.now() - seed.startedAt) / 1_000_000
            log.info("The application is loaded (seed pid:\(seed.pid), \(milliseconds) ms)")
        case .forked(let age):
            guard let request = seed.current?.request, request.age == age, let descriptor else { break }
            return forked(request, descriptor, from: seed)
        case .failed(let age, let errno):
            guard let request = seed.current?.request, request.age == age else { break }
            giveUp(request, of: seed, SystemError(call: "fork", errno: errno, context: "of seed \(seed.pid)"))
        default: break
        }
        descriptor?.close()
    }

    private func forked(_ request: SeedProcess.Request, _ descriptor: FileDescriptor, from seed: SeedProcess) {
        do throws(SystemError) {
            let worker = try ChildProcess.adopt(descriptor)
            guard !knownPids.contains(worker.pid) else {
                descriptor.close()
                throw SystemError(call: "fork", errno: SystemError.invalid, context: "of seed \(seed.pid)")
            }
            guard supervisor.wants(slot: request.slot, age: request.age) else {
                seed.finish(letGo: false)
                release(request)
                return worker.killAndReap()
            }
            started(worker, request.slot, request.age, seed.generation)
            seed.finish(letGo: true)
        } catch {
            giveUp(request, of: seed, error)
        }
    }

    private func giveUp(_ request: SeedProcess.Request, of seed: SeedProcess, _ error: SystemError) {
        seed.finish(letGo: false)
        release(request)
        guard supervisor.wants(slot: request.slot, age: request.age) else { return }
        handle(.spawnFailed(slot: request.slot, reason: "\(error)"))
    }

    /// The slot of a worker that is not forked after all. Another may have it by now.
    private func release(_ request: SeedProcess.Request) {
        if workers[request.slot] == nil, scoreboard[request.slot].age == request.age {
            scoreboard[request.slot].release()
        }
    }

    /// Its workers live on. It is started again when a worker of its generation is wanted.
    private func seedEnded(_ seed: SeedProcess, _ status: ExitStatus) {
        if let request = seed.current?.request { release(request) }
        seeds.remove(seed)
        let end = "seed (pid:\(seed.pid)) \(status.phrase)"
        let isLateLoad = seed.isLate && !seed.isLoaded
        let reason = isLateLoad ? "seed (pid:\(seed.pid)) had not loaded it within boot_timeout" : end
        if seed.isLoaded { log.error("The \(end); another is started when a worker is wanted") }
        handle(.seedEnded(generation: seed.generation, wasLoaded: seed.isLoaded, reason: reason))
    }

    /// Whoever is late is killed; who is not needed any more ends.
    func maintainSeeds(now: UInt64) {
        for seed in seeds.late(now) {
            if !seed.isLate {
                let what = seed.isLoaded ? "no worker was forked in time" : "not loaded within boot_timeout"
                log.critical("SEED TIMEOUT (pid:\(seed.pid)): \(what)")
            }
            seed.enforce(now: now)
        }
        seeds.maintain(now: now)
    }

    /// Workers are wanted of the generations that live, and of none once the server is being stopped.
    func retireSeeds() {
        let generations = [supervisor.generation, supervisor.incoming].compactMap { $0 }
        for request in seeds.retire(besides: supervisor.isRunning ? generations : []) { release(request) }
    }
}
