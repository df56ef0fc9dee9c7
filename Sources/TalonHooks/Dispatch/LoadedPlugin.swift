import CTalonGuard
package import CTalonPlugin
import TalonPlatform

#if canImport(Glibc)
import Glibc
#endif

/// A plugin that lives in this process. One thread at a time; never unloaded.
package final class LoadedPlugin {
    package let description: PluginDescription
    package let id: String
    package let version: String
    /// "c", "c++", "swift", "rust".
    package let language: String

    /// nil if the plugin is a library that knows nothing of Talon.
    private let info: UnsafePointer<talon_plugin_info>?
    private let host: PluginHost
    private let state: UnsafeMutableRawPointer?
    private let plan: UnsafeMutablePointer<talon_plan>
    private var symbols: [HookPoint: talon_symbol] = [:]

    /// Loads the shared object, checks who it is, and calls its `create`.
    ///
    /// `RTLD_NOW`, so that what is missing shows here and not in a call; `RTLD_LOCAL`, so that plugins do not see each
    /// other; `RTLD_NODELETE`, because code with a Swift runtime must never be unmapped.
    ///
    /// `guards`: a plugin that may be guarded is; only in a worker.
    package init(_ plugin: ResolvedPlugin, services: HostServices, guards: Bool = false) throws(PluginError) {
        self.description = plugin.description
        let description = plugin.description
        let origin = description.origin
        guard let handle = dlopen(plugin.image.loadName, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE) else {
            let reason = dlerror().map { String(cString: $0) } ?? "unknown reason"
            throw PluginError(.loadFailed, path: origin, reason: "cannot be loaded: \(reason)")
        }
        let info = description.hasIdentity ? try LoadedPlugin.identity(in: handle, origin) : nil
        self.info = info
        id = info?.pointee.id.map { String(cString: $0) } ?? description.id
        version = info?.pointee.version.map { String(cString: $0) } ?? description.version
        language = info?.pointee.language.map { String(cString: $0) } ?? description.language ?? "c"
        let host = PluginHost(services: services, config: description.config)
        self.host = host
        plan = .allocate(capacity: 1)
        plan.initialize(to: talon_plan())
        guard talon_plan_prepare_standard(plan) == 0 else {
            throw PluginError(.loadFailed, path: origin, reason: "libffi refused the standard signature")
        }
        for binding in description.bindings {
            symbols[binding.point] = LoadedPlugin.function(binding.symbol, in: handle)
        }
        var state: UnsafeMutableRawPointer?
        let status = info.map { talon_guard_create($0, host.face, &state) } ?? TALON_OK
        self.state = state
        guard status == TALON_OK else {
            throw PluginError(.createFailed, path: origin, reason: "its create() returned \(status)")
        }
    }

    private static func identity(
        in handle: UnsafeMutableRawPointer, _ origin: String
    ) throws(PluginError) -> UnsafePointer<talon_plugin_info> {
        guard let entry = function(PluginFile.identitySymbol, in: handle), let info = talon_guard_identity(entry) else {
            throw PluginError(.noIdentity, path: origin, reason: "its identity is empty")
        }
        // The version first: of another major nothing else is known to be where we would look.
        let (major, minor) = (info.pointee.abi_major, info.pointee.abi_minor)
        guard major == UInt16(TALON_ABI_MAJOR), minor <= UInt16(TALON_ABI_MINOR) else {
            throw PluginError(
                .incompatible, path: origin,
                reason: "needs ABI \(major).\(minor), and this Talon has \(TALON_ABI_MAJOR).\(TALON_ABI_MINOR)")
        }
        guard info.pointee.id != nil, info.pointee.version != nil else {
            throw PluginError(.noIdentity, path: origin, reason: "its identity has no id or no version")
        }
        return info
    }

    /// Calls the hook for `point` on this thread; nil if the plugin does not have it.
    ///
    /// `request` and `response` are the C structs of the request that the call is about.
    package func call(
        _ point: HookPoint, _ facts: FactBlock, request: UnsafePointer<talon_request>? = nil,
        response: UnsafePointer<talon_response>? = nil, deadline: UInt64
    ) -> HookOutcome? {
        guard let hook = symbols[point] else { return nil }
        var call = talon_call(
            struct_size: UInt32(MemoryLayout<talon_call>.size), point: point.rawValue, deadline_ns: deadline,
            state: state, host: UnsafePointer(host.face), server: UnsafePointer(facts.server), worker: facts.worker,
            workers: facts.workers, request: request, response: response)
        let status = talon_guard_hook(plan, hook, &call)
        host.metrics.settle()
        return HookOutcome(status: status, at: point)
    }

    /// How its hooks run here.
    package var isolation: Isolation { .inline }

    /// A guarded plugin has crashed in this process: it should finish what runs, and end.
    package static var isProcessTainted: Bool { false }

    /// An interface that the plugin offers, such as `talon.app/1`, and its state.
    package func interface(_ id: String) -> (table: UnsafeRawPointer, state: UnsafeMutableRawPointer?)? {
        guard let info, let table = talon_guard_interface(info, state, id) else { return nil }
        return (table, state)
    }

    /// Calls the plugin's `destroy`, at an orderly end.
    package func destroy() {
        if let info { talon_guard_destroy(info, state) }
    }

    private static func function(_ name: String, in handle: UnsafeMutableRawPointer) -> talon_symbol? {
        guard let address = dlsym(handle, name) else { return nil }
        return unsafeBitCast(address, to: talon_symbol.self)
    }
}
