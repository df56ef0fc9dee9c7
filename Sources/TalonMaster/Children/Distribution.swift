import TalonHooks
import TalonPlatform

/// Where the parts of Talon lie: `PREFIX/bin/talon`, and the rest in `PREFIX/lib/talon`.
package struct Distribution: Sendable {
    /// The program itself.
    package let executable: String
    /// `PREFIX/lib/talon`.
    package let home: String

    /// In a bundle like any other.
    package var defaultHooks: String {
        "\(home)/plugins/DefaultHooks.talonplugin/lib/\(PluginTarget.current)/DefaultHooks.so"
    }
    package var pluginTool: String { home + "/bin/talon-plugin" }
    package var exporter: String { home + "/bin/talon-exporter" }
    package var pythonHost: String { home + "/python/talon_host" }
    package var pythonExtension: String { home + "/python/_talon.abi3.so" }

    /// By the place of the running program. Throws a sentence if that cannot be told.
    package static func find() throws(StartError) -> Distribution {
        guard let executable = ThisProcess.executablePath else {
            throw StartError("talon: /proc is not mounted; Talon needs it", status: 1)
        }
        let folders = executable.split(separator: "/").dropLast(2)
        let home = "/" + (folders.map(String.init) + ["lib", "talon"]).joined(separator: "/")
        return Distribution(executable: executable, home: home)
    }
}

/// Why the server does not start.
package struct StartError: Error, CustomStringConvertible {
    package let description: String
    /// Exit status.
    package let status: Int32

    package init(_ description: String, status: Int32) {
        self.description = description
        self.status = status
    }
}
