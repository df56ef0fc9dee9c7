public import CTalonPlugin

/// What a hook is given, in Swift's words. It is alive until the hook returns.
///
/// The kit has no dependencies, needs no Foundation and starts no thread.
public struct HookCall {
    private let call: UnsafePointer<talon_call>

    /// Wraps the argument of a hook; nil if the host gave none.
    public init?(_ call: UnsafePointer<talon_call>?) {
        guard let call else { return nil }
        self.call = call
    }

    /// How grave a line of the log is.
    public enum Severity: Int32, Sendable {
        case debug = 0
        case info
        case warning
        case error
        case critical
    }

    /// Writes one line to the error log.
    public func log(_ severity: Severity, _ message: String) {
        guard let host = call.pointee.host, let write = host.pointee.log else { return }
        withText(message) { write(host, severity.rawValue, $0) }
    }

    /// A setting of the plugin; nil if it is not set.
    public func setting(_ key: String) -> String? {
        guard let host = call.pointee.host, let table = interface("talon.config/1", as: talon_config_1.self),
            let get = table.pointee.get
        else { return nil }
        let value = key.withCString { get(host, $0) }
        guard value.data != nil else { return nil }
        return text(value)
    }

    /// Asks the host for something: 0 when done, an errno, or -1 if this host does not do it.
    public func request(_ kind: Int32, name: String = "", value: String = "") -> Int32 {
        guard let host = call.pointee.host, let table = interface("talon.server/1", as: talon_server_1.self),
            let ask = table.pointee.request
        else { return -1 }
        return withText(name) { name in
            withText(value) { value in ask(host, UInt32(bitPattern: kind), name, value) }
        }
    }

    /// Pid of the worker that the call is about; nil where there is none.
    public var workerPid: Int32? { call.pointee.worker?.pointee.pid }

    private func interface<Table>(_ id: String, as type: Table.Type) -> UnsafePointer<Table>? {
        guard let host = call.pointee.host, let find = host.pointee.interface else { return nil }
        return id.withCString { find(host, $0) }?.assumingMemoryBound(to: type)
    }

    private func text(_ value: talon_str) -> String {
        let bytes = UnsafeRawBufferPointer(start: value.data, count: value.size)
        return String(decoding: bytes, as: UTF8.self)
    }

    private func withText<Result>(_ text: String, _ body: (talon_str) -> Result) -> Result {
        var copy = text
        return copy.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { body(talon_str(data: $0.baseAddress, size: $0.count)) }
        }
    }
}
