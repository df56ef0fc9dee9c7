import TalonTesting
import Testing

@Suite(.serialized) struct `The command line` {
    @Test func `prints its usage and every option of the issue for --help`() throws {
        let result = try talon("--help")
        #expect(result.end == .exited(0))
        #expect(result.output.contains("usage: talon [OPTIONS] [APP_MODULE]"))
        #expect(result.error.isEmpty)
        let options = [
            "-b", "--bind", "-w", "--workers", "-t", "--timeout", "--graceful-timeout", "--threads", "-k",
            "--worker-class", "--pid", "--log-level", "--access-logfile", "--error-logfile", "--chdir", "--pythonpath",
            "-e", "--env", "--plugin", "--python", "--no-metrics", "--version", "--help", "PROMETHEUS_MULTIPROC_DIR",
            "PROMETHEUS_METRICS_PORT", "PROMETHEUS_BIND_ADDRESS",
        ]
        for option in options { #expect(result.output.contains(option), "\(option) is not in --help") }
    }

    @Test func `prints its version for --version`() throws {
        let result = try talon("--version")
        #expect(result.end == .exited(0))
        let text = result.output
        #expect(text.contains("talon") && text.contains { $0.isNumber } && text.split(separator: "\n").count == 1)
        #expect(result.error.isEmpty)
    }

    @Test(arguments: ["--nope", "-Z", "--workerss=2", "--nope=1"])
    func `answers an unknown option with the usage and exit code 2`(option: String) throws {
        let result = try talon("app:app", option)
        #expect(result.end == .exited(2))
        #expect(result.error.contains("usage: talon"))
        #expect(result.error.contains(option.split(separator: "=")[0]), "the message names the option")
        #expect(result.output.isEmpty)
    }

    @Test(arguments: ["-w", "-b", "--plugin", "--python", "--chdir"])
    func `answers an option without its value with exit code 2`(option: String) throws {
        let result = try talon("app:app", option)
        #expect(result.end == .exited(2))
        #expect(result.error.contains("usage: talon") && result.error.contains(option))
    }

    @Test(arguments: ["-w", "-t", "--graceful-timeout", "--threads"])
    func `answers a value that is no number with exit code 2 and the option's name`(option: String) throws {
        let result = try talon("app:app", option, "many")
        #expect(result.end == .exited(2))
        #expect(result.error.contains(option) && result.error.contains("many"))
    }

    @Test(arguments: [
        ("-w", "-1"), ("-t", "-5"), ("--threads", "-1"), ("-b", "127.0.0.1:99999"), ("-b", "one:two:three"),
        ("-k", "nonsense"), ("--log-level", "loud"), ("-e", "NOVALUE"),
    ])
    func `answers a value that does not fit with exit code 1 and a sentence that names it`(
        option: String, value: String
    ) throws {
        let result = try talon("app:app", option, value)
        #expect(result.end == .exited(1))
        #expect(result.error.contains(value), "what was found: \(result.error)")
        #expect(result.error.split(separator: "\n").count <= 2)
    }

    @Test(arguments: [[], ["-w", "2"]])
    func `wants an application`(arguments: [String]) throws {
        let result = try run(
            try TestEnvironment.binary(), arguments, environment: ["PATH": "/usr/bin:/bin"], within: .seconds(20))
        #expect(result.end == .exited(1))
        #expect(result.error.contains("No application module specified."))
    }

    @Test func `refuses a second application`() throws {
        #expect(try talon("app:app", "other:app").end == .exited(2))
    }

    @Test func `refuses a folder to change to that is not there`() throws {
        let result = try talon("app:app", "--chdir", "/no/such/folder")
        #expect(result.end == .exited(1))
        #expect(result.error.contains("/no/such/folder"))
    }
}
