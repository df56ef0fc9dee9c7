import Testing

@testable import TalonSettings

/// The layer that some words make.
private func layer(_ words: String...) throws -> SettingsLayer { try ParsedCommandLine(words).layer }

/// The error that some words are refused with.
private func refusal(_ words: [String]) throws -> SettingsError {
    try #require(throws: SettingsError.self) { try ParsedCommandLine(words) }
}

@Suite struct `The command line` {
    /// Every option that takes a value: short name, long name, a value, and what comes of it.
    private static let options: [(short: String?, long: String, text: String, name: String, value: SettingValue)] = [
        ("-b", "--bind", "127.0.0.1:81", "bind", .list(["127.0.0.1:81"])),
        ("-p", "--pid", "/run/t.pid", "pidfile", .text("/run/t.pid")),
        ("-w", "--workers", "4", "workers", .number(4)),
        ("-k", "--worker-class", "gthread", "worker_class", .text("gthread")),
        (nil, "--threads", "8", "threads", .number(8)),
        (nil, "--worker-connections", "10", "worker_connections", .number(10)),
        ("-t", "--timeout", "0", "timeout", .number(0)),
        (nil, "--boot-timeout", "90", "boot_timeout", .number(90)),
        (nil, "--graceful-timeout", "7", "graceful_timeout", .number(7)),
        (nil, "--pre-stop-delay", "8", "pre_stop_delay", .number(8)),
        (nil, "--reload-engine", "poll", "reload_engine", .text("poll")),
        (nil, "--reload-extra-file", "a.html", "reload_extra_files", .list(["a.html"])),
        (nil, "--keep-alive", "5", "keepalive", .number(5)),
        (nil, "--request-timeout", "6", "request_timeout", .number(6)),
        (nil, "--backlog", "64", "backlog", .number(64)),
        ("-n", "--name", "web", "proc_name", .text("web")),
        ("-m", "--umask", "0117", "umask", .number(0o117)),
        ("-u", "--user", "www-data", "user", .text("www-data")),
        ("-g", "--group", "33", "group", .text("33")),
        (nil, "--worker-tmp-dir", "/dev/shm", "worker_tmp_dir", .text("/dev/shm")),
        (nil, "--exit-records", "/d", "exit_records", .text("/d")),
        (nil, "--workers-min", "2", "workers_min", .number(2)),
        (nil, "--workers-max", "9", "workers_max", .number(9)),
        (nil, "--max-requests", "1000", "max_requests", .number(1000)),
        (nil, "--max-requests-jitter", "50", "max_requests_jitter", .number(50)),
        (nil, "--max-worker-memory", "512", "max_worker_memory", .number(512)),
        (nil, "--max-worker-memory-hard", "600", "max_worker_memory_hard", .number(600)),
        (nil, "--boot-retries", "3", "boot_retries", .number(3)),
        (nil, "--control-socket", "@a", "control_socket", .text("@a")),
        (nil, "--control-socket-mode", "0660", "control_socket_mode", .number(0o660)),
        (nil, "--control-socket-readonly", "r.ctl", "control_socket_readonly", .text("r.ctl")),
        (nil, "--access-logfile", "-", "accesslog", .text("-")),
        (nil, "--error-logfile", "e.log", "errorlog", .text("e.log")),
        (nil, "--log-file", "e.log", "errorlog", .text("e.log")),
        (nil, "--log-level", "WARNING", "loglevel", .text("warning")),
        (nil, "--chdir", "/srv", "chdir", .text("/srv")),
        (nil, "--pythonpath", "a,b", "pythonpath", .text("a,b")),
        ("-e", "--env", "A=b=c", "raw_env", .list(["A=b=c"])),
        (nil, "--python", "/usr/bin/python3", "python", .text("/usr/bin/python3")),
        (nil, "--metrics-endpoints-limit", "5", "metrics_endpoints_limit", .number(5)),
        (nil, "--metrics-web-config", "w.yml", "metrics_web_config", .text("w.yml")),
        (nil, "--metrics-bearer-token-file", "t", "metrics_bearer_token_file", .text("t")),
        (nil, "--plugin", "./p.so", "plugins", .list(["./p.so"])),
        (nil, "--plugin-dir", "/d", "plugin_dir", .list(["/d"])),
        (nil, "--plugin-policy", "require-checksum", "plugin_policy", .text("require-checksum")),
        (nil, "--plugin-trust", "/t", "plugin_trust", .list(["/t"])),
        (nil, "--plugin-state", "/s", "plugin_state", .text("/s")),
    ]

    @Test(arguments: Catalogue.settings.filter { !$0.flags.isEmpty }.map(\.name))
    func `takes every option of the catalogue`(name: String) throws {
        let setting = try #require(Catalogue.setting(named: name))
        for flag in setting.flags {
            if case .flag(let value) = setting.kind {
                #expect(try layer(flag).values == [name: .truth(value)])
            } else {
                let sample = SampleValue.of(setting.kind)
                #expect(try layer(flag, sample.text).values == [name: sample.value])
            }
        }
    }

    @Test func `lets an option that may stand alone leave the application where it is`() throws {
        let line = try ParsedCommandLine(["--proxy-protocol", "app:app"])
        #expect(line.positional == ["app:app"] && line.layer["proxy_protocol"] == .text("auto"))
        #expect(try layer("--proxy-protocol", "v2")["proxy_protocol"] == .text("v2"))
        #expect(try layer("--proxy-protocol=off")["proxy_protocol"] == .text("off"))
        #expect(try layer("--proxy-protocol")["proxy_protocol"] == .text("auto"))
    }

    @Test(arguments: options.indices) func `takes an option in every way of writing it`(index: Int) throws {
        let option = Self.options[index]
        let expected = [option.name: option.value]
        #expect(try layer(option.long, option.text).values == expected)
        #expect(try layer("\(option.long)=\(option.text)").values == expected)
        guard let short = option.short else { return }
        #expect(try layer(short, option.text).values == expected)
        #expect(try layer(short + option.text).values == expected)
        #expect(try layer("\(short)=\(option.text)").values == expected)
    }

    @Test(arguments: [("0600", 0o600), ("0o660", 0o660), ("384", 0o600), ("0", 0), ("0777", 0o777)])
    func `reads permissions as gunicorn does`(text: String, mode: Int) throws {
        #expect(try layer("--control-socket-mode", text)["control_socket_mode"] == .number(mode))
    }

    @Test(arguments: ["01000", "512", "-1", "0888", "rw", "0o", ""])
    func `refuses what are no permissions`(text: String) throws {
        #expect(try refusal(["--control-socket-mode=\(text)"]).message.contains("use an octal number from 0 to 0777"))
    }

    @Test func `takes options without a value`() throws {
        #expect(try layer("--no-metrics")["metrics"] == .truth(false))
        #expect(try layer("--preload")["preload_app"] == .truth(true))
        #expect(try layer()["metrics"] == nil)
        #expect(try refusal(["--no-metrics=yes"]).message == "argument --no-metrics: takes no value")
    }

    @Test(arguments: [["-h"], ["--help"], ["--hel"], ["app:app", "--help", "-w", "2"]])
    func `knows help`(words: [String]) throws {
        let line = try ParsedCommandLine(words)
        #expect(line.wantsHelp && !line.wantsVersion)
    }

    @Test(arguments: [["-v"], ["--version"], ["--vers"]]) func `knows version`(words: [String]) throws {
        let line = try ParsedCommandLine(words)
        #expect(line.wantsVersion && !line.wantsHelp)
    }

    @Test(
        arguments: [
            ("--bi", "bind"), ("--workers", "workers"), ("--worker-cl", "worker_class"), ("--thr", "threads"),
            ("--grace", "graceful_timeout"), ("--access-logfi", "accesslog"), ("--err", "errorlog"),
            ("--log-l", "loglevel"),
            ("--python", "python"), ("--pythonp", "pythonpath"), ("--plugin-d", "plugin_dir"), ("--keep", "keepalive"),
        ])
    func `takes a long name shortened as far as it is unique`(flag: String, name: String) throws {
        let value = ["--bi": "h:1", "--log-l": "info", "--worker-cl": "sync"][flag] ?? "3"
        #expect(try layer(flag, value).values.keys.elementsEqual([name]))
        #expect(try layer("\(flag)=\(value)").values.keys.elementsEqual([name]))
    }

    @Test(
        arguments: [
            (
                "--worker",
                "--workers, --workers-min, --workers-max, --worker-class, --worker-connections, --worker-tmp-dir"
            ),
            ("--log-c", "--log-config, --log-config-json"),
            ("--acc", "--access-logfile, --access-logformat, --access-log-json"),
            ("--pyth", "--pythonpath, --python"), ("--t", "--timeout, --threads"),
        ])
    func `refuses a name that could be several`(flag: String, candidates: String) throws {
        let error = try refusal([flag, "1"])
        #expect(error.code == .usage && error.status == 2)
        #expect(error.message.hasPrefix("ambiguous option: \(flag) could match "))
        let named = error.message.split(separator: " could match ").last?.split(separator: ", ") ?? []
        #expect(Set(named) == Set(candidates.split(separator: ", ")))
    }

    @Test(
        arguments: [
            (["--nope"], "unrecognized arguments: --nope"), (["--nope=1"], "unrecognized arguments: --nope"),
            (["-x"], "unrecognized arguments: -x"), (["-xy"], "unrecognized arguments: -x"),
            (["-W", "1"], "unrecognized arguments: -W"), (["--Workers", "1"], "unrecognized arguments: --Workers"),
            (["-timeout", "1"], "argument -t/--timeout: invalid int value: 'imeout'"),
            (["a:b", "c:d"], "unrecognized arguments: c:d"),
            (["a:b", "c:d", "--workers=1", "e"], "unrecognized arguments: c:d e"),
            (["a:b", "--", "--c"], "unrecognized arguments: --c"),
        ])
    func `refuses what it does not know`(words: [String], message: String) throws {
        #expect(try refusal(words) == SettingsError(code: .usage, message: message))
    }

    @Test(
        arguments: [
            ["--workers"], ["-w"], ["app:app", "--workers"], ["--workers", "--timeout", "3"], ["-w", "-t", "3"],
            ["--workers", "--", "3"], ["-w", "--nope"],
        ])
    func `refuses an option whose value is missing`(words: [String]) throws {
        let message = "argument -w/--workers: expected one argument"
        #expect(try refusal(words) == SettingsError(code: .usage, message: message))
    }

    @Test func `takes a lone dash and words with spaces as values, whatever they begin with`() throws {
        #expect(try layer("--access-logfile", "-")["accesslog"] == .text("-"))
        #expect(try layer("--chdir", "- my folder")["chdir"] == .text("- my folder"))
        #expect(try layer("--chdir=--odd")["chdir"] == .text("--odd"))
    }

    @Test(
        arguments: [
            ([], []), (["a:b"], ["a:b"]), (["-"], ["-"]), (["-w", "2", "a:b"], ["a:b"]), (["a:b", "-w2"], ["a:b"]),
            (["--", "-w"], ["-w"]), (["-w2", "--", "a:b"], ["a:b"]), (["--"], []), ([""], [""]),
        ] as [([String], [String])])
    func `finds the application among the options`(words: [String], positional: [String]) throws {
        #expect(try ParsedCommandLine(words).positional == positional)
    }

    @Test func `gathers what may be repeated, and keeps the last of the rest`() throws {
        let gathered = try layer(
            "-b", "h:1", "-bh:2,h:3", "--bind=unix:/s", "-e", "A=1", "--env=A=2", "--plugin", "p", "--plugin=q")
        #expect(gathered["bind"] == .list(["h:1", "h:2", "h:3", "unix:/s"]))
        #expect(gathered["raw_env"] == .list(["A=1", "A=2"]))
        #expect(gathered["plugins"] == .list(["p", "q"]))
        #expect(try layer("-w1", "-w", "2", "--workers=3")["workers"] == .number(3))
        #expect(try layer("--log-file", "a", "--error-logfile", "b")["errorlog"] == .text("b"))
    }

    @Test(arguments: ["", "x", "1.5", "0x10", "1e3", "99999999999999999999", " 1", "1 ", "--", "٣"])
    func `refuses a number that is none`(text: String) throws {
        let error = try refusal(["--workers=\(text)"])
        #expect(error.code == .usage)
        #expect(error.message == "argument -w/--workers: invalid int value: '\(text)'")
    }

    @Test(
        arguments: [
            ("--workers", "0", "1 to 4096"), ("--workers", "-1", "1 to 4096"), ("--workers", "4097", "1 to 4096"),
            ("--threads", "0", "1 to 1024"), ("--timeout", "-1", "0 to 2147483"),
            ("--timeout", "2147484", "0 to 2147483"), ("--worker-connections", "0", "1 to 1000000"),
        ])
    func `refuses a number out of range, and says the range`(flag: String, text: String, range: String) throws {
        let error = try refusal([flag, text])
        #expect(error.code == .value && error.status == 1)
        #expect(error.message.hasSuffix("\(flag): \(text) is out of range; use \(range)"))
    }

    @Test(arguments: ["1", "4096"]) func `takes the ends of a range`(text: String) throws {
        #expect(try layer("-w", text)["workers"] == .number(try #require(Int(text))))
    }

    @Test(
        arguments: [
            (["--log-level", "loud"], "argument --log-level: 'loud' is none of debug, info, warning, error, critical"),
            (["--log-level="], "argument --log-level: '' is none of debug, info, warning, error, critical"),
            (["-b", "h:x"], "argument -b/--bind: 'h:x' is no address; use HOST:PORT, [V6]:PORT or unix:PATH"),
            (["-b", "h:1,h:x"], "argument -b/--bind: 'h:x' is no address; use HOST:PORT, [V6]:PORT or unix:PATH"),
            (["--bind="], "argument -b/--bind: empty; use HOST:PORT or unix:PATH"),
            (["--bind=,"], "argument -b/--bind: empty; use HOST:PORT or unix:PATH"),
            (["-e", "A"], "argument -e/--env: 'A' is not NAME=VALUE"),
            (["-e", "=a"], "argument -e/--env: '=a' is not NAME=VALUE"),
        ])
    func `refuses a value that cannot be, and says what can`(words: [String], message: String) throws {
        #expect(try refusal(words) == SettingsError(code: .value, message: message))
    }

    @Test(arguments: ["A=", "A=b=c", "A= b"]) func `takes any value of a variable`(text: String) throws {
        #expect(try layer("-e", text)["raw_env"] == .list([text]))
    }
}
