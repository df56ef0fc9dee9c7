import TalonHooks
import TalonYAML

@testable import TalonBundle

/// Manifests that are as they should be.
enum Sample {
    static let head = "schema: 1\nid: org.example.x\nversion: 1.0.0\n"

    /// The example of the plan: a library of the system, bound without any code.
    static let systemdNotify = """
        schema: 1
        id: org.example.systemd-notify
        version: 1.0.0
        library: libsystemd.so.0
        hooks:
          - { point: when_ready, symbol: sd_notify, returns: "i32 ignore", arguments: ["i32 const 0", "cstr const READY=1"] }
          - { point: on_exit,    symbol: sd_notify, returns: "i32 ignore", arguments: ["i32 const 0", "cstr const STOPPING=1"] }
        """

    /// Every key that there is.
    static let full = """
        # A plugin with everything.
        schema: 1
        id: org.example.full_1
        version: 2.1.0-rc.1+build.5
        abi: "1.0"
        language: cpp
        library: ./lib/full.so
        isolation: inline
        limits: { when_ready: 250 ms, on_exit: 1.5 s, pre_fork: 0.01, worker_exit: 2 min }
        required: true
        description: |
          Two lines
          of text.
        license: MIT
        homepage: https://example.org/
        author: Somebody
        config:
          greeting: { type: string, default: hello, help: What is said., choices: [hello, hi] }
          port:     { type: integer, minimum: 1, maximum: 65535, default: 0x50 }
          factor:   { type: number, default: 1.5 }
          loud:     { type: boolean, default: false }
          password: { type: string, required: true, secret: true }
        hooks:
          - point: post_fork
          - { point: on_exit, symbol: say, returns: bool ok, arguments: [cstr config greeting, u16 config port, f64 config factor, bool config loud, str config password] }
        files:
          lib/full.so: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789ABCDEF
        """

    static func parse(_ text: String) throws(YAMLError) -> PluginManifest {
        try PluginManifest.parse(Array(text.utf8), file: "x/plugin.yaml")
    }

    /// A manifest with one hook.
    static func hook(
        at point: String = "when_ready", returns: String = "i32 ignore", _ arguments: [String] = [], config: String = ""
    ) throws(YAMLError) -> PluginManifest {
        let list = arguments.map { "'\($0)'" }.joined(separator: ", ")
        return try parse(
            head + config + "hooks:\n  - { point: \(point), symbol: f, returns: '\(returns)', arguments: [\(list)] }\n")
    }

    /// What reading says; nil if it accepts.
    static func refusal(_ read: () throws(YAMLError) -> Void) -> String? {
        do {
            try read()
            return nil
        } catch {
            return error.description
        }
    }
}
