import Glibc
import Testing

/// Runs a real program to its end.
struct Program {
    let status: Int32
    let output: String

    /// `input` becomes its standard input; standard output and standard error come back as one text.
    static func run(
        _ path: String, _ arguments: [String], input: [UInt8] = [], environment: [String: String] = [:]
    ) throws -> Program {
        let directory = try TemporaryDirectory()
        try directory.write(input, to: "in")
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "\(directory.path)/in", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, "\(directory.path)/out", O_WRONLY | O_CREAT, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        let argv = ([path] + arguments).map { strdup($0) } + [nil]
        let envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        var pid: pid_t = 0
        let result = posix_spawn(&pid, path, &actions, nil, argv, envp)
        try #require(result == 0, "cannot run \(path): \(String(cString: strerror(result)))")
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        return Program(
            status: status, output: String(decoding: try directory.bytes(of: "out"), as: UTF8.self))
    }

    /// Runs a Python script with prometheus_client at hand, for files in `directory`.
    static func python(_ script: String, directory: String, identifier: String = "9") throws -> String {
        let interpreter = try #require(
            getenv("TALON_TEST_PYTHON").map { String(cString: $0) },
            "set TALON_TEST_PYTHON to a python3 that has prometheus_client, as `make test` does")
        let run = try Program.run(
            interpreter, ["-c", script],
            environment: ["PROMETHEUS_MULTIPROC_DIR": directory, "IDENTIFIER": identifier])
        try #require(run.status == 0, "\(run.output)")
        return run.output
    }
}
