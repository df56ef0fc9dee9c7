public import CTalonPlugin

/// Who a plugin is, and what it keeps from hook to hook. Made once and never freed: the host may keep the pointer.
///
/// A plugin has one, as a global constant:
///
///     private let identity = PluginIdentity(id: "org.example.hello", version: "1.0.0")
///
/// or, with a state of its own, which its hooks get by `hook(call, with: Gate.self)`:
///
///     private let identity = PluginIdentity(id: "org.example.gate", version: "1.0.0") { host in try Gate(host) }
public struct PluginIdentity: @unchecked Sendable {
    // Unchecked, because nothing in it changes.
    /// What `talon_plugin_info_1` returns.
    public let pointer: UnsafePointer<talon_plugin_info>

    /// States who a plugin is.
    ///
    /// - Parameters:
    ///   - id: A reversed domain name.
    ///   - version: A semantic version.
    ///   - state: Called once in each process that runs the plugin, before any hook. What it makes is kept until the
    ///     process's orderly end. If it throws, the plugin is not used in this process, and the log has the error.
    public init(id: StaticString, version: StaticString, state: ((PluginHost) throws -> AnyObject)? = nil) {
        let info = UnsafeMutablePointer<talon_plugin_info>.allocate(capacity: 1)
        info.initialize(to: talon_plugin_info())
        info.pointee.struct_size = UInt32(MemoryLayout<talon_plugin_info>.size)
        info.pointee.abi_major = UInt16(TALON_ABI_MAJOR)
        info.pointee.abi_minor = UInt16(TALON_ABI_MINOR)
        info.pointee.id = UnsafeRawPointer(id.utf8Start).assumingMemoryBound(to: CChar.self)
        info.pointee.version = UnsafeRawPointer(version.utf8Start).assumingMemoryBound(to: CChar.self)
        let language: StaticString = "swift"
        info.pointee.language = UnsafeRawPointer(language.utf8Start).assumingMemoryBound(to: CChar.self)
        if let state {
            makeState = state
            info.pointee.create = { host, place in createState(host, place) }
            info.pointee.destroy = { state in destroyState(state) }
        }
        pointer = UnsafePointer(info)
    }
}

/// A C function cannot carry a closure with it, so it is here. One plugin to an image, and each image has a kit of its
/// own. Written when the identity is made, which the host asks for before it calls create().
private nonisolated(unsafe) var makeState: ((PluginHost) throws -> AnyObject)?

private func createState(
    _ host: UnsafePointer<talon_host>?, _ place: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
    guard let host, let place, let makeState else { return TALON_ERROR }
    let face = PluginHost(host)
    do {
        place.pointee = Unmanaged.passRetained(try makeState(face)).toOpaque()
        return TALON_OK
    } catch {
        face.log(.error, "\(error)")
        return TALON_ERROR
    }
}

private func destroyState(_ state: UnsafeMutableRawPointer?) {
    guard let state else { return }
    Unmanaged<AnyObject>.fromOpaque(state).release()
}
