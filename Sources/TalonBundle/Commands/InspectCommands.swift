import TalonHooks
import TalonPlatform

extension Command {
    static let verify = Command(
        "verify", operand: "FILE", "Verifies a plugin as a server with a policy would, without running it.",
        details: [
            "With require-signature: plugin.yaml is signed with a trusted key, and states the digest of every file. With "
                + "require-checksum the digests alone count. With allow-unverified what is there must be right."
        ],
        options: [
            .policy(default: PluginPolicy.requireSignature), .trust,
        ],
        failure: "the plugin is refused"
    ) { invocation throws(ToolFailure) in
        let policy = invocation.policy(default: .requireSignature)
        let inspected = try Inspecting.of(
            invocation.operand, policy: policy, trustFolders: invocation.trustFolders, limit: 60 * nanosecondsPerSecond)
        let plugin = try inspected.accepted()
        let facts = try PluginFacts(invocation.operand, policy: policy, trustFolders: invocation.trustFolders)
        return Report(
            ["\(invocation.operand): satisfies \(policy.rawValue) (\(facts.verification))"] + inspected.remarks,
            [
                ("file", .text(invocation.operand)), ("policy", .text(policy.rawValue)),
                ("id", .text(plugin.description.id)), ("version", .text(plugin.description.version)),
                ("digest", .text(facts.source.digest)), ("remarks", JSON.texts(inspected.remarks)),
            ] + facts.verificationFields)
    }

    static let inspect = Command(
        "inspect", operand: "FILE", "Tells all that is known of a plugin without running it.",
        details: [
            "From the manifest: who it is, its hooks and settings. From the shared object: what it exports and needs. "
                + "From the signature: whose it is."
        ],
        options: [.trust],
        failure: "the plugin cannot be read"
    ) { invocation throws(ToolFailure) in
        _ = try Inspecting.of(
            invocation.operand, policy: .allowUnverified, trustFolders: invocation.trustFolders,
            limit: 60 * nanosecondsPerSecond
        ).accepted()
        return try PluginFacts(
            invocation.operand, policy: .allowUnverified, trustFolders: invocation.trustFolders
        ).report
    }
}
