import Glibc

/// A real Redis on a port and a unix socket, in a directory of its own; nothing is saved unless a test says so.
///
/// Ends when the test lets go of it.
package final class RedisProcess: Sendable {
    package let port: UInt16
    private let directory: TemporaryDirectory
    private let process: SpawnedProcess

    /// Starts one and waits until it answers; `options` are those of redis.conf, as `--NAME`, `VALUE`.
    package init(
        port: UInt16? = nil, _ options: [String] = [], in given: TemporaryDirectory? = nil, waits: Bool = true
    ) throws {
        directory = try given ?? TemporaryDirectory()
        self.port = try port ?? FreePort.any()
        let own = [
            "--bind", "127.0.0.1", "--port", "\(self.port)", "--unixsocket", directory.file("redis.sock"), "--dir",
            directory.path, "--save", "", "--appendonly", "no", "--loglevel", "warning",
        ]
        var launch = Launch(
            "/usr/bin/env", ["redis-server"] + own + options,
            environment: ["PATH": Promtool.path, "HOME": directory.path])
        launch.output = directory.file("redis.log")
        launch.error = directory.file("redis.log")
        process = try SpawnedProcess(launch)
        guard waits else { return }
        try eventually("Redis answers: \(directory.text("redis.log") ?? "")") {
            (try? cli("PING")).map { !$0.isEmpty } ?? false
        }
    }

    deinit { end() }

    package var socket: String { directory.file("redis.sock") }

    /// As a crash ends it.
    package func end() {
        process.signal(SIGKILL)
        _ = try? process.wait(within: .seconds(10))
    }

    /// SIGSTOP, SIGCONT.
    package func signal(_ number: Int32) { process.signal(number) }

    /// What redis-cli prints of a command, without the end of its last line.
    @discardableResult
    package func cli(_ words: String...) throws -> String {
        let result = try run(
            "/usr/bin/redis-cli", ["-s", socket, "--no-auth-warning"] + words, within: .seconds(10))
        guard result.status == 0 else { throw TestFailure("redis-cli \(words): \(result.error)") }
        return result.output.hasSuffix("\n") ? String(result.output.dropLast()) : result.output
    }
}
