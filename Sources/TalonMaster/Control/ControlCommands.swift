import TalonControl
import TalonPlatform

/// The commands of the control socket, gunicorn's and Talon's own. What changes something goes the way of signals:
/// as an event of the supervisor.
extension Master {
    static let controlCommands: [(words: String, does: String)] = [
        ("show all", "Master and workers"),
        ("show workers", "The workers, what they run and what they use; also: workers"),
        ("show stats", "The state of the server; also: status"),
        ("show config", "The settings in force"),
        ("show plugins", "The plugins in use; also: plugins"),
        ("show listeners", "Where the server listens"),
        ("show dirty", "Dirty workers, which Talon has none of"),
        ("config", "The settings, and which of them have been set"),
        ("worker add [N]", "N workers more, 1 by default"),
        ("worker remove [N]", "N workers fewer, 1 by default, to 1 at least"),
        ("worker kill PID", "End a worker in good order, and start another; or worker_SLOT instead of the pid"),
        ("reload [wait]", "Reload as HUP does; with wait, the reply is the outcome"),
        ("reopen", "Open the log files anew"),
        ("shutdown [graceful|quick]", "Stop as TERM or INT does"),
        ("help", "This list"),
    ]

    func answer(_ request: ControlRequest, _ role: ControlRole, _ connection: ControlConnection) -> ControlServer.Answer
    {
        do throws(ControlProblem) {
            if let view = try view(request.words.map { $0.lowercased() }) { return .data(view) }
            guard role == .full else { throw ControlProblem("this control socket is read-only") }
            let asker = UnixPeer(of: connection.descriptor)?.pid ?? 0
            log.info("Control: \(request.words.joined(separator: " ").prefix(80).debugDescription) from pid \(asker)")
            return try change(request.words.map { $0.lowercased() }, connection)
        } catch {
            return .problem(error)
        }
    }

    /// What only tells; nil if the words are about a change.
    private func view(_ words: [String]) throws(ControlProblem) -> JSON? {
        switch (words.first, words.dropFirst().first) {
        case ("show", "all"): overview
        case ("show", "workers"), ("workers", nil): workerView
        case ("show", "stats"), ("status", nil): statusView
        case ("show", "config"): configView
        case ("config", nil): settingsView
        case ("show", "plugins"), ("plugins", nil): pluginView
        case ("show", "listeners"): listenerView
        case ("show", "dirty"):
            .object([("enabled", .truth(false)), ("pid", .null), ("workers", .list([])), ("apps", .list([]))])
        case ("show", let target):
            throw ControlProblem(
                "Invalid argument: show \(target ?? ""): use all, workers, stats, config, plugins, listeners or dirty")
        case ("help", _):
            .object([
                ("commands", .object(Master.controlCommands.map { ($0.words, .text($0.does)) }))
            ])
        default: nil
        }
    }

    private func change(
        _ words: [String], _ connection: ControlConnection
    ) throws(ControlProblem) -> ControlServer.Answer {
        let rest = Array(words.dropFirst())
        switch words.first {
        case "worker": return .data(try changeWorkers(rest))
        case "dirty":
            return .data(.object([("success", .truth(false)), ("error", .text("Talon has no dirty workers"))]))
        case "reload": return try reload(rest, connection)
        case "reopen":
            reopenLogs()
            return .data(.object([("status", .text("reopening"))]))
        case "shutdown":
            let mode = rest.first ?? "graceful"
            guard ["graceful", "quick"].contains(mode) else {
                throw ControlProblem("Invalid argument: shutdown \(mode): use graceful or quick")
            }
            stop(graceful: mode == "graceful")
            return .data(.object([("status", .text("shutting_down")), ("mode", .text(mode))]))
        case let word: throw ControlProblem("Invalid argument: Unknown command: \(word ?? "")")
        }
    }

    private func changeWorkers(_ words: [String]) throws(ControlProblem) -> JSON {
        guard supervisor.isRunning else { throw ControlProblem("the server is stopping") }
        let before = supervisor.target
        switch words.first {
        case "add":
            for _ in 0..<(try count(words)) {
                let target = supervisor.target
                handle(.addWorker)
                if supervisor.target == target { break }  // there is no room for more
            }
            return counted("added", supervisor.target - before, before)
        case "remove":
            for _ in 0..<(try count(words)) where supervisor.target > 1 { handle(.removeWorker) }
            return counted("removed", before - supervisor.target, before)
        case "kill":
            guard let name = words.dropFirst().first else {
                throw ControlProblem("Invalid argument: Missing PID for worker kill")
            }
            guard let slot = slot(named: name), let pid = workers[slot]?.pid else {
                return .object([("success", .truth(false)), ("error", .text("Worker \(name) not found"))])
            }
            // Counted as what it is, somebody's TERM.
            handle(.restart(slot: slot, .signal))
            return .object([("success", .truth(true)), ("killed", .number(Int(pid)))])
        case let action:
            throw ControlProblem("Invalid argument: worker \(action ?? ""): use add, remove or kill")
        }
    }

    private func counted(_ name: String, _ change: Int, _ before: Int) -> JSON {
        .object([
            (name, .number(change)), ("previous", .number(before)), ("total", .number(supervisor.target)),
        ])
    }

    /// The most that one command may ask for.
    private static let countLimit = 4096

    private func count(_ words: [String]) throws(ControlProblem) -> Int {
        guard let word = words.dropFirst().first else { return 1 }
        guard let count = Int(word), (1...Master.countLimit).contains(count) else {
            throw ControlProblem("Invalid argument: \(word.debugDescription) is no number of workers; use 1 to 4096")
        }
        return count
    }

    /// A worker by its pid, or by the name that the metrics have for its slot.
    private func slot(named name: String) -> Int? {
        if let slot = name.dropping(prefix: "worker_").flatMap({ Int($0) }) { return slot }
        return Int32(name).flatMap { pid in workers.first { $0.value.pid == pid }?.key }
    }

    private func reload(
        _ words: [String], _ connection: ControlConnection
    ) throws(ControlProblem) -> ControlServer.Answer {
        guard words.isEmpty || words == ["wait"] else {
            throw ControlProblem("Invalid argument: reload \(words.joined(separator: " ")): only wait may follow")
        }
        guard supervisor.isRunning else { throw ControlProblem("the server is stopping") }
        // One that is refused is over before this returns.
        var end: JSON?
        reload { [connection] in
            let data = $0.json(at: MonotonicClock.unixTime())
            end = data
            connection.finish(data)
        }
        if words.isEmpty { return .data(.object([("status", .text("reloading"))])) }
        return end.map { .data($0) } ?? .later
    }
}
