import TalonHooks
import TalonPlatform
import TalonSettings

extension Command.Option {
    /// `standard` is what counts if it is not given.
    static func policy(default standard: PluginPolicy = .allowUnverified) -> Command.Option {
        Command.Option(
            "--policy", value: "POLICY", choices: PluginPolicy.allCases.map(\.rawValue),
            help: "What must be proven: require-signature, require-checksum or allow-unverified. "
                + "[\(standard.rawValue)]")
    }
    static let policy = Command.Option.policy()
    static let trust = Command.Option(
        "--trust", value: "DIR", repeatable: true,
        help: "Folder with the public keys that are trusted. [/etc/talon/trust.d and $XDG_CONFIG_HOME/talon/trust.d]")
    static let folder = Command.Option(
        "--dir", value: "DIR",
        help: "Drop-in folder. [/etc/talon/plugins.d for root, else $XDG_CONFIG_HOME/talon/plugins.d]")
    static let timeout = Command.Option(
        "--timeout", value: "SECONDS", help: "How long one child may take before it is killed. [10]")
}

extension Command.Option {
    static let config = Command.Option(
        "--config", value: "KEY=VALUE", repeatable: true,
        help: "A setting of the plugin, as a server would be given it.")
}

extension Invocation {
    /// The plugin's settings that are given.
    func config() throws(ToolFailure) -> [(key: String, value: String)] {
        var settings: [(key: String, value: String)] = []
        for text in texts("--config") {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let key = parts.first, let value = parts.last, !key.isEmpty else {
                throw .usage("option --config is \(text); it is KEY=VALUE")
            }
            guard !settings.contains(where: { $0.key == key }) else {
                throw .usage("option --config gives \(key) twice")
            }
            settings.append((String(key), String(value)))
        }
        return settings
    }

    func policy(default standard: PluginPolicy) -> PluginPolicy {
        text("--policy").flatMap { PluginPolicy(rawValue: $0) } ?? standard
    }

    var policy: PluginPolicy { policy(default: .allowUnverified) }

    /// The folders of trusted keys: those given, else those of a server.
    var trustFolders: [String] {
        let given = texts("--trust")
        return given.isEmpty
            ? UserFolders.all(system: "/etc/talon/trust.d", user: "trust.d") : given.map(\.absolutePath)
    }

    /// The drop-in folder that is meant: the system's for root, else the user's.
    var dropInFolder: String {
        if let folder = text("--dir") { return folder.absolutePath }
        let folders = UserFolders.all(system: "/etc/talon/plugins.d", user: "plugins.d")
        return (ThisProcess.isRoot ? folders.first : folders.last) ?? "/etc/talon/plugins.d"
    }

    /// Nanoseconds that one child may take.
    func timeout() throws(ToolFailure) -> UInt64 {
        UInt64(try number("--timeout", in: 1...3600, default: 10)) * nanosecondsPerSecond
    }
}
