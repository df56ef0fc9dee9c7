import TalonPlatform
import Testing

@testable import TalonSettings

private func environment(_ variables: [String: String]) throws -> SettingsLayer {
    try SettingsLayer.environment { variables[$0] }
}

/// All layers, as `talon` puts them together.
private func settings(_ variables: [String: String] = [:], _ words: [String] = []) throws -> ServerSettings {
    var layer = SettingsLayer.defaults
    layer.override(with: try environment(variables))
    layer.override(with: try ParsedCommandLine(words).layer)
    return try ServerSettings(layer)
}

@Suite struct `The environment` {
    @Test(
        arguments: [
            ("WEB_CONCURRENCY", "3", "workers", .number(3)),
            ("TALON_PYTHON", "/opt/py", "python", .text("/opt/py")),
            ("PORT", "5000", "bind", .list(["0.0.0.0:5000"])),
            ("PORT", "0", "bind", .list(["0.0.0.0:0"])),
            ("PROMETHEUS_MULTIPROC_DIR", "/tmp/m", "prometheus_multiproc_dir", .text("/tmp/m")),
            ("PROMETHEUS_METRICS_PORT", "9091", "prometheus_metrics_port", .number(9091)),
            ("PROMETHEUS_BIND_ADDRESS", "127.0.0.1", "prometheus_bind_address", .text("127.0.0.1")),
            ("CLEANUP_DB_FILES", "Yes", "cleanup_db_files", .truth(true)),
            ("CLEANUP_DB_FILES", "0", "cleanup_db_files", .truth(false)),
        ] as [(String, String, String, SettingValue)])
    func `sets`(variable: String, text: String, name: String, value: SettingValue) throws {
        let layer = try environment([variable: text])
        #expect(layer.values == [name: value])
    }

    @Test func `sets nothing by variables that are empty or not there`() throws {
        #expect(try environment([:]).values.isEmpty)
        let variables = Catalogue.settings.compactMap(\.variable)
        let empty = Dictionary(uniqueKeysWithValues: variables.map { ($0, "") })
        #expect(try environment(empty).values.isEmpty)
    }

    @Test(
        arguments: [
            ("WEB_CONCURRENCY", "many", "WEB_CONCURRENCY: invalid int value: 'many'"),
            ("WEB_CONCURRENCY", "0", "WEB_CONCURRENCY: 0 is out of range; use 1 to 4096"),
            ("PORT", "http", "PORT: '0.0.0.0:http' is no address; use HOST:PORT, [V6]:PORT or unix:PATH"),
            ("PORT", "65536", "PORT: '0.0.0.0:65536' is no address; use HOST:PORT, [V6]:PORT or unix:PATH"),
            ("PORT", "-1", "PORT: '0.0.0.0:-1' is no address; use HOST:PORT, [V6]:PORT or unix:PATH"),
            ("PROMETHEUS_METRICS_PORT", "x", "PROMETHEUS_METRICS_PORT: invalid int value: 'x'"),
            ("PROMETHEUS_METRICS_PORT", "0", "PROMETHEUS_METRICS_PORT: 0 is out of range; use 1 to 65535"),
            ("PROMETHEUS_METRICS_PORT", "65536", "PROMETHEUS_METRICS_PORT: 65536 is out of range; use 1 to 65535"),
        ])
    func `names the variable whose value is bad, and is no misuse of the command line`(
        variable: String, text: String, message: String
    ) throws {
        let error = try #require(throws: SettingsError.self) { try environment([variable: text]) }
        #expect(error == SettingsError(code: .value, message: message))
        #expect(error.status == 1)
    }
}

@Suite struct `Of several sources` {
    @Test func `the defaults count when nobody says anything`() throws {
        let settings = try settings()
        #expect(settings.addresses == [.tcp(host: "127.0.0.1", port: 8000)])
        #expect(settings.workers == 1 && settings.threads == 1 && settings.workerKind == .sync)
        #expect(settings.timeout == 30 && settings.gracefulTimeout == 30 && settings.keepAlive == 2)
        #expect(settings.workerConnections == 1000)
        #expect(settings.pidFile == nil && settings.accessLog == nil && settings.errorLog == "-")
        #expect(settings.logLevel == .info && settings.python == nil && settings.plugins.isEmpty)
        #expect(settings.metricsEnabled && settings.metricsDirectory == "/tmp/prometheus_multiproc")
        #expect(settings.metricsAddress == .tcp(host: "0.0.0.0", port: 9090))
        #expect(settings.environment.isEmpty)
    }

    @Test func `the environment beats the defaults`() throws {
        let settings = try settings(["WEB_CONCURRENCY": "3", "PORT": "81", "PROMETHEUS_BIND_ADDRESS": "::1"])
        #expect(settings.workers == 3)
        #expect(settings.addresses == [.tcp(host: "0.0.0.0", port: 81)])
        #expect(settings.metricsAddress == .tcp(host: "::1", port: 9090))
    }

    @Test func `the command line beats the environment, lists too`() throws {
        let settings = try settings(
            ["WEB_CONCURRENCY": "3", "PORT": "81"], ["-w", "5", "-b", "h:1", "-b", "unix:/s", "--no-metrics"])
        #expect(settings.workers == 5)
        #expect(settings.addresses == [.tcp(host: "h", port: 1), .unix(path: "/s")])
        #expect(!settings.metricsEnabled)
    }

    @Test func `the variables of the application keep their order, and their equals signs`() throws {
        let environment = try settings([:], ["-e", "B=1", "-e", "A=x=y", "-e", "C="]).environment
        #expect(environment.map { "\($0.name)|\($0.value)" } == ["B|1", "A|x=y", "C|"])
    }
}

@Suite struct `A worker class` {
    @Test(
        arguments: [
            ("sync", .sync), ("egg:gunicorn#sync", .sync), ("gunicorn.workers.sync.SyncWorker", .sync),
            ("gunicorn_prometheus_exporter.PrometheusWorker", .sync), ("gthread", .gthread),
            ("egg:gunicorn#gthread", .gthread), ("gunicorn.workers.gthread.ThreadWorker", .gthread),
            ("gunicorn_prometheus_exporter.PrometheusThreadWorker", .gthread), ("gevent", .gevent),
            ("gevent_wsgi", .gevent), ("gevent_pywsgi", .gevent), ("egg:gunicorn#gevent", .gevent),
            ("gunicorn.workers.ggevent.GeventWorker", .gevent),
            ("gunicorn.workers.ggevent.GeventPyWSGIWorker", .gevent),
            ("gunicorn_prometheus_exporter.PrometheusGeventWorker", .gevent),
            ("gunicorn_prometheus_exporter.plugin.PrometheusGeventWorker", .gevent), ("eventlet", .eventlet),
            ("gunicorn.workers.geventlet.EventletWorker", .eventlet),
            ("gunicorn_prometheus_exporter.PrometheusEventletWorker", .eventlet), ("tornado", .tornado),
            ("gunicorn.workers.gtornado.TornadoWorker", .tornado),
            ("gunicorn_prometheus_exporter.PrometheusTornadoWorker", .tornado), ("asgi", .asgi),
            ("gunicorn.workers.gasgi.ASGIWorker", .asgi), ("uvicorn.workers.UvicornWorker", .asgi),
            ("uvicorn.workers.UvicornH11Worker", .asgi), ("uvicorn_worker.UvicornWorker", .asgi),
        ] as [(String, WorkerKind)])
    func `is known by its name`(name: String, kind: WorkerKind) throws {
        #expect(try settings([:], ["-k", name]).workerKind == kind)
    }

    @Test func `is gthread as soon as there are threads`() throws {
        #expect(try settings([:], ["--threads", "2"]).workerKind == .gthread)
        #expect(try settings([:], ["-k", "gthread", "--threads", "1"]).workerKind == .gthread)
    }

    @Test(arguments: ["gevent", "eventlet", "tornado", "asgi"])
    func `of many requests in one thread has no others, and as many requests as worker_connections`(name: String) throws
    {
        #expect(try settings([:], ["-k", name]).concurrentRequests == 1000)
        let made = try settings([:], ["-k", name, "--threads", "7", "--worker-connections", "9"])
        #expect(made.threads == 1 && made.concurrentRequests == 9)
        #expect(made.texts.first { $0.name == "talon.worker_kind" }?.value == name)
    }

    @Test(arguments: ["", "Sync", "meinheld", "sync "]) func `is refused if unknown`(name: String) throws {
        let error = try #require(throws: SettingsError.self) { try settings([:], ["--worker-class=\(name)"]) }
        #expect(
            error
                == SettingsError(
                    code: .value,
                    message:
                        "worker_class: '\(name)' is not known; use one of sync, gthread, gevent, eventlet, tornado, asgi"
                ))
    }
}

@Suite struct `The help` {
    @Test func `names every option, every variable and every default`() {
        let help = HelpText.full
        #expect(help.hasPrefix("usage: talon [OPTIONS] [APP_MODULE]\n"))
        for flag in ["-h", "--help", "-v", "--version"] + Catalogue.settings.flatMap(\.flags) {
            #expect(help.contains("\(flag) ") || help.contains("\(flag),") || help.contains("\(flag)\n"), "\(flag)")
        }
        for variable in Catalogue.settings.compactMap(\.variable) { #expect(help.contains("\n  \(variable)")) }
        // A paragraph is wrapped, so its words are compared.
        let words = help.split { $0 == " " || $0 == "\n" }.joined(separator: " ")
        for setting in Catalogue.settings { #expect(words.contains(setting.help), "\(setting.name)") }
        #expect(help.contains("[/tmp/prometheus_multiproc]") && help.contains("[127.0.0.1:8000]"))
    }

    @Test func `fits a terminal of 100 columns`() {
        for line in HelpText.full.split(separator: "\n") { #expect(line.count <= 100, "\(line)") }
    }
}

@Suite struct `The catalogue` {
    @Test func `has each name, flag and variable once`() {
        let settings = Catalogue.settings
        #expect(Set(settings.map(\.name)).count == settings.count)
        let flags = settings.flatMap(\.flags) + ["-h", "--help", "-v", "--version"]
        #expect(Set(flags).count == flags.count)
        let variables = settings.compactMap(\.variable)
        #expect(Set(variables).count == variables.count)
    }

    /// gunicorn 26 has 119; `hooks` and the rest of them are in these sections.
    @Test func `has every setting of gunicorn`() {
        for name in GunicornSettings.names { #expect(Catalogue.setting(named: name) != nil, "\(name)") }
        #expect(GunicornSettings.names.count == 119)
    }

    @Test func `has every option of gunicorn`() {
        let flags = Set(Catalogue.settings.flatMap(\.flags))
        for flag in GunicornSettings.flags { #expect(flags.contains(flag), "\(flag)") }
    }

    @Test func `has defaults that its own checks accept`() throws {
        for setting in Catalogue.settings {
            guard let standard = setting.standard, !setting.kind.isFlag else { continue }
            #expect(try setting.value(from: standard.description, source: "default") == standard)
        }
    }

    @Test func `is found by name`() {
        #expect(Catalogue.setting(named: "workers")?.title == "-w/--workers")
        #expect(Catalogue.setting(named: "prometheus_metrics_port")?.title == "PROMETHEUS_METRICS_PORT")
        #expect(Catalogue.setting(named: "nope") == nil)
    }
}
