import TalonHooks
import TalonPlatform

extension Command {
    static let check = Command(
        "check", operand: "FILE", "Tries a plugin out, each step in a child process of its own.",
        details: [
            "FILE is a shared object, a manifest, or a bundle as folder or archive. It is read and verified as a server "
                + "would do it, loaded, created, destroyed, and each of its hooks is called once with facts as they might "
                + "be. A child that crashes, hangs or ends is a failed check. What the plugin changes in its process is "
                + "compared: signal mask and actions, directory, umask, environment and locale are not its to change; "
                + "descriptors and threads that it leaves are a warning.",
            "With --json: {\"ok\", \"file\", \"checks\": [{\"name\", \"status\": ok, warning or failed, \"message\"}]}.",
        ],
        options: [
            .config, .policy, .trust, .timeout,
            Option("--no-calls", help: "Do not call hooks: they may do what they are for."),
        ],
        failure: "a check failed"
    ) { invocation throws(ToolFailure) in
        let limit = try invocation.timeout()
        var report = CheckReport(file: invocation.operand)
        let inspected = try Inspecting.of(
            invocation.operand, policy: invocation.policy, trustFolders: invocation.trustFolders, limit: limit,
            config: try invocation.config())
        guard let plugin = inspected.plugin else {
            report.add("read", .failed, inspected.refusal ?? "it is refused")
            return report.report
        }
        let hooks = plugin.description.bindings.map(\.point.name)
        report.add(
            "read", .ok, hooks.isEmpty ? "it has no hook" : "its hooks are \(hooks.joined(separator: ", "))")
        // What the policy lets pass is no fault of the plugin.
        report.add(
            "verification", .ok,
            inspected.remarks.isEmpty
                ? "it satisfies the policy \(invocation.policy.rawValue)" : inspected.remarks.joined(separator: "; "))
        PluginExports.check(plugin, into: &report)
        PluginChecks(plugin: plugin, limit: limit, makesCalls: !invocation.has("--no-calls")).run(into: &report)
        return report.report
    }
}
