import TalonTesting

/// Runs `talon` to its end, for what ends by itself.
func talon(
    _ arguments: String..., environment: [String: String] = ["PATH": "/usr/bin:/bin"],
    in directory: TemporaryDirectory? = nil
) throws -> CommandResult {
    let folder = try directory ?? TemporaryDirectory()
    var all = environment
    all["PROMETHEUS_MULTIPROC_DIR"] = folder.file("metrics")
    all["PROMETHEUS_METRICS_PORT"] = "\(try FreePort.any())"
    all["PROMETHEUS_BIND_ADDRESS"] = "127.0.0.1"
    all["XDG_STATE_HOME"] = all["XDG_STATE_HOME"] ?? folder.file("state")
    return try run(
        try TestEnvironment.binary(), arguments, environment: all, directory: folder.path, within: .seconds(30))
}
