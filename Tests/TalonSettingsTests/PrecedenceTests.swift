import TalonPlatform
import Testing

@testable import TalonSettings

/// One setting, and a value of its own from each source.
private struct Row: Sendable, CustomStringConvertible {
    let name: String
    /// nil: no variable sets it.
    let environment: (variable: String, text: String, value: SettingValue)?
    let file: (found: ConfigurationValue, value: SettingValue)
    let arguments: (words: String, value: SettingValue)
    let commandLine: (words: [String], value: SettingValue)

    var description: String { name }
}

private let rows = [
    Row(
        name: "bind", environment: ("PORT", "81", .list(["0.0.0.0:81"])),
        file: (.list([.text("f:1"), .text("f:2")]), .list(["f:1", "f:2"])),
        arguments: ("--bind 'a:1'", .list(["a:1"])), commandLine: (["-b", "c:1", "-b", "c:2"], .list(["c:1", "c:2"]))),
    Row(
        name: "workers", environment: ("WEB_CONCURRENCY", "2", .number(2)), file: (.number(3), .number(3)),
        arguments: ("-w 4", .number(4)), commandLine: (["--workers=5"], .number(5))),
    Row(
        name: "timeout", environment: nil, file: (.text("31"), .number(31)), arguments: ("--timeout=32", .number(32)),
        commandLine: (["-t", "33"], .number(33))),
    Row(
        name: "loglevel", environment: nil, file: (.text("DEBUG"), .text("debug")),
        arguments: ("--log-level error", .text("error")), commandLine: (["--log-level", "critical"], .text("critical"))),
    Row(
        name: "metrics_endpoints", environment: ("TALON_METRICS_ENDPOINTS", "on", .truth(true)),
        file: (.truth(false), .truth(false)), arguments: ("--metrics-endpoints", .truth(true)),
        commandLine: (["--metrics-endpoints"], .truth(true))),
    Row(
        name: "raw_env", environment: nil, file: (.list([.text("A=file")]), .list(["A=file"])),
        arguments: (#"-e "A=two words""#, .list(["A=two words"])), commandLine: (["-e", "A=line"], .list(["A=line"]))),
    Row(
        name: "umask", environment: nil, file: (.number(0o22), .number(0o22)), arguments: ("-m 0117", .number(0o117)),
        commandLine: (["--umask", "7"], .number(7))),
    Row(
        name: "forwarded_allow_ips", environment: ("FORWARDED_ALLOW_IPS", "10.0.0.1", .list(["10.0.0.1"])),
        file: (.text("10.0.0.2"), .list(["10.0.0.2"])),
        arguments: ("--forwarded-allow-ips=10.0.0.3", .list(["10.0.0.3"])),
        commandLine: (["--forwarded-allow-ips", "*"], .list(["*"]))),
    Row(
        name: "plugin_policy", environment: ("TALON_PLUGIN_POLICY", "require-checksum", .text("require-checksum")),
        file: (.text("allow-unverified"), .text("allow-unverified")),
        arguments: ("--plugin-policy require-signature", .text("require-signature")),
        commandLine: (["--plugin-policy", "require-checksum"], .text("require-checksum"))),
    Row(
        name: "proxy_protocol", environment: nil, file: (.truth(true), .text("auto")),
        arguments: ("--proxy-protocol v1", .text("v1")), commandLine: (["--proxy-protocol=v2"], .text("v2"))),
    Row(
        name: "accesslog", environment: nil, file: (.text("file.log"), .text("file.log")),
        arguments: (#"--access-logfile my\ own.log"#, .text("my own.log")),
        commandLine: (["--access-logfile", "-"], .text("-"))),
]

@Suite struct `Of five sources` {
    @Test(arguments: rows, 0..<16) fileprivate func `the highest that speaks is heard`(row: Row, present: Int) throws {
        var variables: [String: String] = [:]
        var words: [String] = []
        var file: ConfigurationFile?
        var expected = (value: Catalogue.setting(named: row.name)?.standard, source: "default")
        if present & 1 != 0, let (variable, text, value) = row.environment {
            variables[variable] = text
            expected = (value, "env \(variable)")
        }
        if present & 2 != 0 {
            file = ConfigurationFile(
                path: "g.py", entries: [.init(name: row.name, value: row.file.found, place: "g.py:7")])
            expected = (row.file.value, "g.py:7")
        }
        if present & 4 != 0 {
            variables["GUNICORN_CMD_ARGS"] = row.arguments.words
            expected = (row.arguments.value, "GUNICORN_CMD_ARGS")
        }
        if present & 8 != 0 {
            words = row.commandLine.words
            expected = (row.commandLine.value, "command line")
        }
        let lookup = variables
        let layer = try SettingsSources(commandLine: words) { lookup[$0] }.merged(file)
        #expect(layer[row.name] == expected.value)
        #expect(layer.source(of: row.name).description == expected.source)
        let line = SettingsListing(layer).text.split(separator: "\n").first { $0.hasPrefix("\(row.name) ") }
        #expect(line?.hasSuffix("  # \(expected.source)") == true)
    }

    @Test func `the file's own changes of the environment count as the environment`() throws {
        let file = ConfigurationFile(
            path: "g.py", entries: [.init(name: "workers", value: .number(2), place: "g.py:9")],
            environment: [("PROMETHEUS_METRICS_PORT", "9191"), ("WEB_CONCURRENCY", "8"), ("REDIS_HOST", nil)])
        let sources = try SettingsSources(commandLine: []) { $0 == "REDIS_HOST" ? "redis" : nil }
        let layer = try sources.merged(file)
        #expect(layer["prometheus_metrics_port"] == .number(9191) && layer["redis_host"] == .text("localhost"))
        #expect(layer.source(of: "prometheus_metrics_port").description == "env PROMETHEUS_METRICS_PORT, set by g.py")
        #expect(layer["workers"] == .number(2))
    }

    @Test func `the file is named by the command line, else by GUNICORN_CMD_ARGS`() throws {
        let arguments = "-c env.py app:app"
        #expect(try SettingsSources(commandLine: []) { _ in nil }.config == nil)
        #expect(try SettingsSources(commandLine: []) { $0 == "GUNICORN_CMD_ARGS" ? arguments : nil }.config == "env.py")
        let both = try SettingsSources(commandLine: ["-c", "line.py"]) { $0 == "GUNICORN_CMD_ARGS" ? arguments : nil }
        #expect(both.config == "line.py")
    }

    @Test(arguments: [
        ("-w 'x", "a quotation mark is not closed; close it"),
        ("-w many", "argument -w/--workers: invalid int value: 'many'"),
    ])
    func `a bad GUNICORN_CMD_ARGS is named`(text: String, message: String) throws {
        let error = try #require(throws: SettingsError.self) { try SettingsSources(commandLine: []) { _ in text } }
        #expect(error == SettingsError(code: .value, message: "GUNICORN_CMD_ARGS: \(message)"))
    }

    @Test func `unknown names of a file are passed over, with a hint`() throws {
        let file = ConfigurationFile(entries: [
            .init(name: "worker_clas", value: .text("sync"), place: "g.py:1"),
            .init(name: "my_own", value: .number(1), place: "g.py:2"),
        ])
        var told: [String] = []
        let layer = try SettingsLayer(of: file) { told.append($0.name + $1) }
        #expect(layer.values.isEmpty)
        #expect(told == ["worker_clas: did you mean 'worker_class'?", "my_own"])
    }

    @Test func `the password of Redis is listed nowhere`() throws {
        let layer = try SettingsSources(commandLine: []) { $0 == "REDIS_PASSWORD" ? "hunter2" : nil }.merged(nil)
        let text = SettingsListing(layer).text
        #expect(!text.contains("hunter2") && text.contains("= ***  # env REDIS_PASSWORD"))
    }
}

@Suite struct `Words of a shell` {
    @Test(
        arguments: [
            ("", []), ("  ", []), ("a b\tc", ["a", "b", "c"]), ("'a b' c", ["a b", "c"]), (#""a b""#, ["a b"]),
            (#"a\ b"#, ["a b"]), (#""a\"b""#, [#"a"b"#]), (#""a\b""#, [#"a\b"#]), (#"'a\b'"#, [#"a\b"#]),
            ("a''b", ["ab"]), ("''", [""]), ("--x='y z'", ["--x=y z"]), ("a#b", ["a#b"]),
        ] as [(String, [String])])
    func `are split as shlex does`(text: String, words: [String]) throws {
        #expect(try ShellWords.split(text) == words)
    }

    @Test(arguments: ["'", "\"", "a 'b", "a\\", "\"\\"]) func `that do not end are refused`(text: String) throws {
        #expect(throws: ShellWords.Unfinished.self) { try ShellWords.split(text) }
    }
}

@Suite struct `A reload` {
    @Test func `takes what may change, and keeps and names what may not`() throws {
        func layer(_ words: [String]) throws -> SettingsLayer {
            try SettingsSources(commandLine: words) { _ in nil }.merged(nil)
        }
        let old = try ServerSettings(try layer(["-b", "h:1", "-w", "1", "--threads", "2"]))
        let (new, kept) = try old.reloaded(try layer(["-b", "h:2", "-w", "3", "-t", "9", "--threads", "4"]))
        #expect(new.workers == 3 && new.timeout == 9)
        #expect(new.addresses == [.tcp(host: "h", port: 1)] && new.threads == 2)
        #expect(kept == ["bind", "threads"])
    }

    @Test func `knows the names of what may not change`() {
        for name in ServerSettings.fixed { #expect(Catalogue.setting(named: name) != nil, "\(name)") }
    }
}
