public import CTalonPlugin

/// A plugin's identity, made once and never freed: the host may keep the pointer.
public struct PluginIdentity: @unchecked Sendable {
    // Unchecked, because nothing in it changes.
    /// What `talon_plugin_info_1` returns.
    public let pointer: UnsafePointer<talon_plugin_info>

    /// States who a plugin is.
    public init(id: StaticString, version: StaticString) {
        let info = UnsafeMutablePointer<talon_plugin_info>.allocate(capacity: 1)
        info.initialize(to: talon_plugin_info())
        info.pointee.struct_size = UInt32(MemoryLayout<talon_plugin_info>.size)
        info.pointee.abi_major = UInt16(TALON_ABI_MAJOR)
        info.pointee.abi_minor = UInt16(TALON_ABI_MINOR)
        info.pointee.id = UnsafeRawPointer(id.utf8Start).assumingMemoryBound(to: CChar.self)
        info.pointee.version = UnsafeRawPointer(version.utf8Start).assumingMemoryBound(to: CChar.self)
        let language: StaticString = "swift"
        info.pointee.language = UnsafeRawPointer(language.utf8Start).assumingMemoryBound(to: CChar.self)
        pointer = UnsafePointer(info)
    }
}
