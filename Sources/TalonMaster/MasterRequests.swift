import TalonHooks
import TalonPlatform
import TalonSettings

/// What plugins request of the master by `talon.server/1`.
extension Master {
    /// Requests that may wait to be performed.
    private static let waitingLimit = 64

    /// Performs a request from inside a call, or notes it if it is about workers: that is done after the call.
    func perform(_ request: HostRequest, in chain: HookChain) -> Int32 {
        switch request.kind {
        case HostRequest.startMetricsServer:
            guard settings.metricsEnabled else { return -1 }
            return startMetricsServer()
        case HostRequest.stopMetricsServer:
            noteExporterUsage()
            exporter?.finish()
            return 0
        case HostRequest.reopenLogs:
            reopenLogs()
            return 0
        case HostRequest.reload:
            // Each reload comes to these hooks: another would be asked for without end.
            guard chain.point != .onReload, chain.point != .preFork else { return -1 }
            return later(.reload)
        case HostRequest.addWorker: return later(.addWorker)
        case HostRequest.removeWorker: return later(.removeWorker)
        case HostRequest.restartWorker:
            guard let slot = Int(request.value), workers[slot] != nil else { return -1 }
            return later(.restart(slot: slot))
        case HostRequest.setEnvironment:
            guard !request.name.isEmpty, !request.name.contains("="),
                !(request.name + request.value).utf8.contains(0)
            else { return -1 }
            return children.set(request.name, request.value) ? 0 : -1
        default:
            return -1
        }
    }

    /// 0, an errno, or EINPROGRESS: the port is taken, and the loop goes on trying.
    private func startMetricsServer() -> Int32 {
        switch exporter?.start(on: settings.metricsAddress) {
        case .started?: 0
        case .waiting?: inProgress
        case .failed(let errno)?: errno
        case nil: -1
        }
    }

    private func later(_ event: SupervisorEvent) -> Int32 {
        guard supervisor.isRunning, requests.count < Master.waitingLimit else { return -1 }
        if case .reload = event, requests.contains(where: \.isReload) { return 0 }
        requests.append(event)
        return 0
    }

    /// Performs what was noted. What the hooks that this leads to request is for the loop's next turn, which looks at
    /// signals first.
    func performRequests() {
        let noted = requests
        requests = []
        for request in noted {
            if request.isReload { reload() } else { handle(request) }
        }
    }

    /// Opens the logs anew, here and in the children that have them too.
    func reopenLogs() {
        log.reopen()
        giveLogFiles()
        // A worker that has not said who it is does not catch the signal yet, and opens the files anyway.
        for (slot, worker) in workers where scoreboard[slot].pid == worker.pid { Signal.user1.send(to: worker.pid) }
        if let exporter = exporter?.process { Signal.user1.send(to: exporter.pid) }
        seeds.reopenLogs()
    }
}

extension SupervisorEvent {
    fileprivate var isReload: Bool {
        if case .reload = self { true } else { false }
    }
}
