import Glibc

/// What a program left behind.
package struct CommandResult: Sendable {
    package let end: ProcessEnd
    package let output: String
    package let error: String

    /// The exit code; -1 when a signal ended it.
    package var status: Int32 {
        if case .exited(let code) = end { code } else { -1 }
    }
}

/// Runs a program to its end.
///
/// What is still of its session at the deadline is killed, and the test fails.
package func run(
    _ program: String, _ arguments: [String], environment: [String: String] = ["PATH": "/usr/bin:/bin"],
    input: [UInt8] = [], directory: String? = nil, within allowed: Duration = .seconds(60)
) throws -> CommandResult {
    let folder = try TemporaryDirectory()
    var launch = Launch(program, arguments, environment: environment, directory: directory)
    launch.input = try folder.write(input, to: "in")
    launch.output = folder.file("out")
    launch.error = folder.file("err")
    let process = try SpawnedProcess(launch)
    defer { for other in ProcessTable.all() where other.session == process.pid { kill(other.pid, SIGKILL) } }
    do {
        let end = try process.wait(within: allowed)
        return CommandResult(end: end, output: folder.text("out") ?? "", error: folder.text("err") ?? "")
    } catch {
        process.signal(SIGKILL)
        _ = try? process.wait(within: .seconds(5))
        let told = (folder.text("out") ?? "") + (folder.text("err") ?? "")
        throw TestFailure("\(program) \(arguments.joined(separator: " ")) did not end within \(allowed):\n\(told)")
    }
}
