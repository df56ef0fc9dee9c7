import TalonHooks
import TalonPlatform
import TalonSettings

/// What the control socket tells. Fields that gunicorn has too are called and meant as there.
extension Master {
    var statusView: JSON {
        let states = workers.keys.map { scoreboard[$0].state }
        func count(_ state: WorkerState...) -> JSON { .number(states.count { state.contains($0) }) }
        let metrics: JSON =
            settings.metricsEnabled
            ? .object([
                ("address", .text(settings.metricsAddress.label)),
                ("directory", .text(absolute(settings.metricsDirectory))),
            ]) : .null
        return .object([
            ("version", .text(TalonVersion.text)), ("pid", .number(Int(ThisProcess.pid))),
            ("application", .text(application)), ("state", .text(supervisor.isRunning ? "running" : "stopping")),
            ("uptime", .seconds(MonotonicClock.unixTime() - min(startedAt, MonotonicClock.unixTime()))),
            ("generation", .number(Int(supervisor.generation))),
            ("incoming_generation", supervisor.incoming.map { .number(Int($0)) } ?? .null),
            ("listeners", .texts(areListenersClosed ? [] : listenerNames)),
            ("workers_target", .number(supervisor.target)), ("workers_current", .number(workers.count)),
            ("workers_ready", count(.ready)), ("workers_booting", count(.booting)),
            ("workers_stopping", count(.quitting, .aborting)), ("workers_spawned", .number(tally.spawned)),
            ("workers_killed", .number(tally.ended)), ("reloads", .number(tally.reloads)),
            ("last_reload", lastReload.map { $0.end.json(at: $0.at) } ?? .null), ("metrics", metrics),
            ("dirty_arbiter_pid", .null),
        ])
    }

    private func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : "\(ThisProcess.directory ?? "")/\(path)"
    }

    var workerView: JSON {
        let list = inOrder.map { workerFields($0.slot, $0.worker) }
        return .object([("workers", .list(list)), ("count", .number(list.count))])
    }

    private var inOrder: [(slot: Int, worker: RunningWorker)] {
        workers.sorted { $0.value.age < $1.value.age }.map { ($0.key, $0.value) }
    }

    private func workerFields(_ slot: Int, _ worker: RunningWorker) -> JSON {
        let record = scoreboard[slot]
        let now = MonotonicClock.now()
        let lanes = record.applicationLanes
        let running = lanes.enumerated().compactMap { thread, lane in lane.request?.json(thread: thread, now) }
        let usage = usage(of: worker.pid, now)
        let heartbeat = record.heartbeat
        return .object([
            ("slot", .number(slot)), ("pid", .number(Int(worker.pid))), ("age", .number(Int(worker.age))),
            ("generation", .number(Int(worker.generation))), ("state", .text("\(record.state)")),
            ("booted", .truth(record.state != .booting)), ("aborted", .truth(record.state == .aborting)),
            ("last_heartbeat", .seconds(now - min(heartbeat, now))),
            ("uptime", .seconds(MonotonicClock.unixTime() - min(record.startedAt, MonotonicClock.unixTime()))),
            ("threads", .number(lanes.count)), ("busy", .number(running.count)),
            ("connections", .number(record.connections)), ("requests", .number(Int(clamping: record.requests))),
            ("memory_bytes", usage.map { .number(Int(clamping: $0.residentBytes)) } ?? .null),
            ("cpu_seconds", usage.map { .seconds($0.cpuTime) } ?? .null),
            ("running", .list(running)),
        ])
    }

    /// What a worker uses, read at most once a second: clients may ask as often as they like.
    private func usage(of pid: Int32, _ now: UInt64) -> ProcessUsage? {
        if let known = usages[pid], now < known.at + nanosecondsPerSecond { return known.usage }
        let usage = ProcessUsage.of(pid)
        let live = Set(workers.values.map(\.pid))
        usages = usages.filter { live.contains($0.key) }
        usages[pid] = usage.map { ($0, now) }
        return usage
    }

    var overview: JSON {
        let web = inOrder.map { slot, worker -> JSON in
            .object([("type", .text("web"))] + (workerFields(slot, worker).fields ?? []))
        }
        return .object([
            (
                "arbiter",
                .object([
                    ("pid", .number(Int(ThisProcess.pid))), ("type", .text("arbiter")), ("role", .text("master")),
                ])
            ),
            ("web_workers", .list(web)), ("web_worker_count", .number(web.count)), ("dirty_arbiter", .null),
            ("dirty_workers", .list([])), ("dirty_worker_count", .number(0)),
        ])
    }

    var listenerView: JSON {
        let list = areListenersClosed ? [] : listeners
        let all = list.map { listener -> JSON in
            let kind =
                switch listener.address {
                case .unix: "unix"
                case .tcp(let host, _): host.contains(":") ? "tcp6" : "tcp"
                }
            return .object([
                ("address", .text(listener.address.description(isSecure: settings.isSecure))),
                ("fd", .number(Int(listener.descriptor.rawValue))), ("type", .text(kind)),
            ])
        }
        return .object([("listeners", .list(all)), ("count", .number(all.count))])
    }

    var configView: JSON { .object(settings.shown.map { ($0.name, $0.json) }) }

    var settingsView: JSON {
        .object([
            (
                "settings",
                .list(
                    settings.shown.map { setting in
                        .object([
                            ("name", .text(setting.name)), ("value", setting.json),
                            ("is_default", .truth(setting.isDefault)),
                        ])
                    })
            )
        ])
    }

    var pluginView: JSON {
        let all = pluginSet.all.map { member -> JSON in
            let points = member.description.points.sorted { $0.rawValue < $1.rawValue }
            let loading = account.breakers.state(plugin: member.index, nil)
            let open = points.filter { account.breakers.state(plugin: member.index, $0) != .closed }
            return .object([
                ("id", .text(member.id)), ("version", .text(member.description.version)),
                ("origin", .text(member.description.origin)), ("isolation", .text(member.isolation.rawValue)),
                ("points", .texts(points.map(\.name))), ("loading_breaker", .text(loading.name)),
                (
                    "breakers",
                    .object(
                        open.map {
                            ($0.name, .text(account.breakers.state(plugin: member.index, $0).name))
                        })
                ),
            ])
        }
        return .object([("plugins", .list(all)), ("count", .number(all.count))])
    }
}

extension LaneRequest {
    fileprivate func json(thread: Int, _ now: UInt64) -> JSON {
        .object([
            ("thread", .number(thread)), ("method", .text(method)), ("path", .text(path)),
            ("phase", .text(phase.name)), ("seconds", .seconds(now - min(since, now))),
        ])
    }
}

extension BreakerTable.State {
    fileprivate var name: String {
        switch self {
        case .closed: "closed"
        case .open: "open"
        case .halfOpen: "half-open"
        }
    }
}

extension ServerSettings {
    /// A setting as a stranger may see it.
    fileprivate struct Shown {
        let name: String
        let json: JSON
        let isDefault: Bool
    }

    /// All of the catalogue. Of the application's environment only the names: values may be secrets.
    fileprivate var shown: [Shown] {
        Catalogue.settings.sorted { $0.name < $1.name }.map { setting in
            let value = self[setting.name]
            let json: JSON =
                switch value {
                case .some(let value) where setting.isSecret: .text(setting.shown(value))
                case .text(let text): .text(text)
                case .number(let number): .number(number)
                case .truth(let truth): .truth(truth)
                case .list(let items) where setting.kind == .assignments:
                    .texts(items.map { "\($0.prefix { $0 != "=" })=…" })
                case .list(let items): .texts(items)
                case nil: .null
                }
            return Shown(name: setting.name, json: json, isDefault: value == setting.standard)
        }
    }
}
