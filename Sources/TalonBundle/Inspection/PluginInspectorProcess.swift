import TalonHooks
import TalonPlatform

/// The plugin inspector: a child of the master that reads what authors and users wrote, and tells what it found.
///
/// It parses hostile files, so it may fail; its limits end it, not the host.
package enum PluginInspectorProcess {
    /// The query in a sealed memfd.
    private static let query = FileDescriptor(rawValue: 3)
    /// The socket for the findings.
    private static let socket = FileDescriptor(rawValue: 4)

    /// The whole life of the process. Returns its exit status: 0 when all was told.
    package static func run() -> Int32 {
        query.setCloseOnExec()
        socket.setCloseOnExec()
        ResourceLimit.confine(cpuSeconds: 20)
        guard let bytes = try? SealedFile.read(query), let asked = try? PluginQuery(decoding: bytes) else { return 2 }
        let channel = InspectionChannel(socket: socket)
        var isHeard = true
        PluginInspector.inspect(asked) { finding in
            isHeard = isHeard && channel.send(finding)
            if case .plugin(let plugin) = finding, case .sealed(let image) = plugin.image { image.close() }
            return isHeard
        }
        return isHeard && channel.send(nil) ? 0 : 1
    }
}
