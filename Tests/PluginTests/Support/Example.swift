import TalonTesting

/// The examples of Plugins/Examples, built as their users would: by make, against an installed Talon.
enum Example {
    /// Copies an example into a folder of `directory` and builds it there; returns the folder.
    static func build(_ name: String, in directory: TemporaryDirectory) throws -> String {
        let folder = directory.file(name)
        let copied = try run("/bin/cp", ["-R", "\(Repository.root)/Plugins/Examples/\(name)", folder])
        guard copied.status == 0 else { throw TestFailure(copied.error) }
        _ = try make(["clean"], in: folder)
        _ = try make([], in: folder)
        return folder
    }

    /// The folder of the staged Talon.
    static func prefix() throws -> String {
        let parts = try TestEnvironment.binary().split(separator: "/")
        return "/" + parts.dropLast(2).joined(separator: "/")
    }

    /// The compilers are wherever those are that run the tests; their caches go to `home`.
    static func environment(home: String) -> [String: String] {
        ["PATH": TestEnvironment.variable("PATH") ?? "/usr/bin:/bin", "HOME": home]
    }

    private static func make(_ targets: [String], in folder: String) throws -> CommandResult {
        let kit = try prefix() + "/lib/talon/kit"
        let result = try run(
            "/usr/bin/make", targets + ["TALON_INCLUDE=\(kit)/CTalonPlugin", "TALON_KIT=\(kit)/TalonPluginKit"],
            environment: environment(home: folder), directory: folder, within: .seconds(120))
        guard result.status == 0 else { throw TestFailure("make in \(folder):\n\(result.output)\n\(result.error)") }
        return result
    }
}

/// A directory with life.py as `app`.
func applicationDirectory() throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    try directory.copy(fixture: "apps/life.py", as: "app.py")
    return directory
}
