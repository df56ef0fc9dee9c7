import TalonPlatform
import TalonSettings

/// What the world outside is told of the server: the service manager, the starter of a daemon, lists of processes.
extension Master {
    /// After each event. The first worker that serves makes the server one that serves.
    func tellState() {
        guard service != nil || !isServing else { return }
        let ready = readyWorkers
        if !isServing, ready > 0 {
            isServing = true
            detachment?.end(status: 0)
            // A second master is not the service's main process before it is promoted.
            if predecessor == nil { service?.ready(state(ready)) }
        }
        if predecessor == nil, supervisor.isRunning, !isReloading { service?.show(state(ready)) }
    }

    private var readyWorkers: Int {
        workers.count { scoreboard[$0.key].state == .ready && scoreboard[$0.key].pid == $0.value.pid }
    }

    /// "4 workers, generation 2".
    private func state(_ ready: Int) -> String {
        "\(ready) worker\(ready == 1 ? "" : "s"), generation \(supervisor.generation)"
    }

    func tellReload(begins: Bool) {
        guard isServing, predecessor == nil else { return }
        isReloading = begins
        if begins {
            service?.reloading()
        } else if supervisor.isRunning {
            service?.ready(state(readyWorkers))
        }
    }

    /// Whoever asked for a reload by the service manager waits for its end.
    func tellRefusal() {
        guard !isReloading else { return }
        tellReload(begins: true)
        tellReload(begins: false)
    }

    func tellStop() {
        // A second master that gives up leaves the service as it is.
        guard predecessor?.hasEnded != false else { return }
        if let successor { service?.handOver(to: successor.pid) } else { service?.stopping() }
    }

    func tellPromotion() {
        showTitle()
        if isServing { service?.ready(state(readyWorkers)) }
    }

    /// "talon: master [app:app]", with ".2" after the name while the master that started this one lives.
    func showTitle() {
        let name = settings.processName ?? application
        ThisProcess.setTitle("talon: master [\(name)\(predecessor == nil ? "" : ".2")]")
    }
}

extension Master {
    /// At a reload the file says again whose it is.
    func rewritePidFile() {
        do {
            try pidFile?.rewrite()
        } catch {
            log.error("--pid: \(error)")
        }
    }
}
