import TalonPlatform

/// Replies for people.
enum ControlText {
    static func of(_ command: String, _ data: JSON) -> String {
        switch command {
        case "status": status(data)
        case "workers": table(workers(data))
        case "plugins": table(plugins(data))
        case "config": table(settings(data))
        case "reload": reload(data)
        case "add", "remove": "\(data.text("total")) workers, \(data.text("previous")) before\n"
        case "kill": data["error"].map { "\($0.shown)\n" } ?? "worker (pid:\(data.text("killed"))) is told to end\n"
        case "reopen": "the log files are opened anew\n"
        case "stop": "the server has stopped\n"
        default: data.encoded + "\n"
        }
    }

    private static func status(_ data: JSON) -> String {
        var rows = [
            [
                "talon \(data.text("version"))",
                "pid \(data.text("pid")), \(data.text("state")), up \(data.time("uptime"))",
            ],
            ["application", data.text("application")],
            ["listening", (data["listeners"]?.elements ?? []).map(\.shown).joined(separator: ", ")],
            [
                "workers",
                "\(data.text("workers_target")) wanted, \(data.text("workers_ready")) ready, "
                    + "\(data.text("workers_booting")) booting, \(data.text("workers_stopping")) stopping; "
                    + "\(data.text("workers_spawned")) started so far",
            ],
            [
                "generation",
                data.text("generation")
                    + (data["incoming_generation"]?.integer.map { ", \($0) is coming up" } ?? ""),
            ],
            ["last reload", lastReload(data["last_reload"])],
        ]
        if let metrics = data["metrics"], metrics.fields != nil {
            rows.append(["metrics", "\(metrics.text("address")), files in \(metrics.text("directory"))"])
        }
        return table(rows)
    }

    static func lastReload(_ report: JSON?) -> String {
        guard let report, report.fields != nil else { return "none" }
        let at = report["at"]?.double ?? 0
        let age = Double(MonotonicClock.unixTime()) / 1e9 - at
        let reason = Self.reason(report)
        return "\(report.text("outcome")), \(duration(max(0, age))) ago\(reason)"
    }

    private static func reload(_ data: JSON) -> String {
        let reason = Self.reason(data)
        let time = "after \(duration(data["seconds"]?.double ?? 0))"
        return "reload \(data.text("outcome")) \(time)\(reason); generation \(data.text("generation")) serves\n"
    }

    /// Only where something was wrong.
    private static func reason(_ report: JSON) -> String {
        guard report["outcome"]?.string != "ok", let reason = report["reason"]?.string else { return "" }
        return ": \(printable(reason))"
    }

    private static func workers(_ data: JSON) -> [[String]] {
        [["SLOT", "PID", "AGE", "GEN", "STATE", "UPTIME", "BUSY", "CONN", "REQUESTS", "MEMORY", "CPU", "RUNNING"]]
            + (data["workers"]?.elements ?? []).map { worker in
                [
                    worker.text("slot"), worker.text("pid"), worker.text("age"), worker.text("generation"),
                    worker.text("state"), worker.time("uptime"), "\(worker.text("busy"))/\(worker.text("threads"))",
                    worker.text("connections"), worker.text("requests"), size(worker["memory_bytes"]?.double),
                    worker.time("cpu_seconds"), running(worker),
                ]
            }
    }

    /// The requests that a worker runs, the oldest first.
    static func running(_ worker: JSON) -> String {
        let all = (worker["running"]?.elements ?? []).sorted { $0.age > $1.age }
        return all.map { request in
            let name = ["method", "path"].compactMap { request[$0]?.string }.map(printable).joined(separator: " ")
            return duration(request.age) + (name.isEmpty ? "" : " \(name)")
        }.joined(separator: ", ")
    }

    private static func plugins(_ data: JSON) -> [[String]] {
        [["PLUGIN", "VERSION", "ISOLATION", "BREAKERS", "POINTS"]]
            + (data["plugins"]?.elements ?? []).map { plugin in
                let open = (plugin["breakers"]?.fields ?? []).map { "\($0.name) \($0.value.shown)" }
                let points = (plugin["points"]?.elements ?? []).map(\.shown).joined(separator: " ")
                return [
                    plugin.text("id"), plugin.text("version"), plugin.text("isolation"),
                    open.isEmpty ? "closed" : open.joined(separator: ", "), points,
                ]
            }
    }

    private static func settings(_ data: JSON) -> [[String]] {
        (data["settings"]?.elements ?? []).map { setting in
            let value = setting["value"] ?? .null
            let text = value.elements.map { $0.map(\.shown).joined(separator: ", ") } ?? value.shown
            return [setting.text("name"), text, setting["is_default"]?.isTrue == true ? "" : "(set)"]
        }
    }

    /// Columns, as wide as they must be.
    static func table(_ rows: [[String]]) -> String {
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in
            rows.map { $0.indices.contains(column) ? $0[column].count : 0 }.max() ?? 0
        }
        let lines = rows.map { row -> String in
            let cells = zip(row, widths).map { $0.padded(to: $1) }
            var line = cells.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension JSON {
    fileprivate func text(_ name: String) -> String { self[name]?.shown ?? "-" }
    fileprivate func time(_ name: String) -> String { self[name]?.double.map(ControlText.duration) ?? "-" }
    fileprivate var age: Double { self["seconds"]?.double ?? 0 }

    /// For a terminal, which what strangers sent must not command.
    var shown: String {
        switch self {
        case .null: "-"
        case .text(let text): ControlText.printable(text)
        default: encoded
        }
    }
}
