import CTalonPlugin

/// The host's face towards this plugin. It lives until the plugin's state is released, and may be used on any thread.
public struct PluginHost: @unchecked Sendable {
    // Unchecked: all that it offers is for any thread, by talon_plugin.h.
    let face: UnsafePointer<talon_host>

    init(_ face: UnsafePointer<talon_host>) {
        self.face = face
    }

    /// How grave a line of the log is.
    public enum Severity: Int32, Sendable {
        case debug = 0
        case info
        case warning
        case error
        case critical
    }

    /// Writes one line to the error log: the message, then name=value for each field.
    public func log(_ severity: Severity, _ message: String, _ fields: KeyValuePairs<String, String> = [:]) {
        if let write = interface(TALON_INTERFACE_LOG, as: talon_log_1.self)?.pointee.write {
            message.withTalonString { text in
                withTalonFields(fields) { write(face, severity.rawValue, text, $0, $1) }
            }
        } else if let write = face.pointee.log {
            let text = fields.reduce(message) { "\($0) \($1.key)=\($1.value)" }
            text.withTalonString { write(face, severity.rawValue, $0) }
        }
    }

    /// Whether a line of this severity would be written.
    public func logs(_ severity: Severity) -> Bool {
        guard let enabled = interface(TALON_INTERFACE_LOG, as: talon_log_1.self)?.pointee.enabled else { return true }
        return enabled(face, severity.rawValue) != 0
    }

    /// A setting of the plugin, or else of the server; nil if it is not set.
    public func setting(_ key: String) -> String? {
        guard let get = interface(TALON_INTERFACE_CONFIG, as: talon_config_1.self)?.pointee.get else { return nil }
        return String(copyingIfAny: get(face, key))
    }

    /// A table of functions that the host offers under a name.
    func interface<Table>(_ id: String, as type: Table.Type) -> UnsafePointer<Table>? {
        face.pointee.interface?(face, id)?.assumingMemoryBound(to: type)
    }
}
