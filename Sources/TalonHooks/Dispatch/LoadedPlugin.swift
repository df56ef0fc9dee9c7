import CTalonGuard
package import CTalonPlugin
import Synchronization
import TalonPlatform

#if canImport(Glibc)
import Glibc
#endif

/// A plugin that lives in this process; never unloaded. One thread makes and ends it; any thread calls it.
package final class LoadedPlugin {
    package let description: PluginDescription
    package let id: String
    package let version: String
    /// "c", "c++", "swift", "rust".
    package let language: String
    /// How its hooks in a worker run.
    package let isolation: Isolation

    /// nil if the plugin is a library that knows nothing of Talon.
    private let info: UnsafePointer<talon_plugin_info>?
    private let host: PluginHost
    private let state: UnsafeMutableRawPointer?
    private let hooks: HookTable
    /// It crashed in this process, which must not enter it again.
    private let hasCrashed = Atomic<Bool>(false)

    /// Loads the shared object, checks who it is, prepares its hooks and calls its `create`.
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
        let info = description.hasIdentity ? try LoadedPlugin.identity(in: handle, of: description) : nil
        self.info = info
        let id = info?.pointee.id.map { String(cString: $0) } ?? description.id
        self.id = id
        version = info?.pointee.version.map { String(cString: $0) } ?? description.version
        language = info?.pointee.language.map { String(cString: $0) } ?? description.language ?? "c"
        isolation = try LoadedPlugin.isolation(of: description, in: language, guards: guards)
        hooks = try HookTable(
            description, plugin: id, guards: guards && isolation == .guarded,
            function: { LoadedPlugin.function($0, in: handle) })
        let host = PluginHost(services: services, config: description.config)
        self.host = host
        var state: UnsafeMutableRawPointer?
        let status = info.map { talon_guard_create($0, host.face, &state) } ?? TALON_OK
        self.state = state
        guard status == TALON_OK else {
            throw PluginError(.createFailed, path: origin, reason: "its create() returned \(status)")
        }
    }

    static func identity(
        in handle: UnsafeMutableRawPointer, of description: PluginDescription
    ) throws(PluginError) -> UnsafePointer<talon_plugin_info> {
        let origin = description.origin
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
        guard let id = info.pointee.id, let version = info.pointee.version else {
            throw PluginError(.noIdentity, path: origin, reason: "its identity has no id or no version")
        }
        let (own, declared) = (
            "\(String(cString: id)) \(String(cString: version))", "\(description.id) \(description.version)"
        )
        // Only a manifest tells the version beforehand.
        guard description.version.isEmpty || own == declared else {
            throw PluginError(
                .incompatible, path: origin,
                reason: "its manifest says that it is \(declared), and its code says \(own); one of them is wrong")
        }
        return info
    }

    private static func isolation(
        of description: PluginDescription, in language: String, guards: Bool
    ) throws(PluginError) -> Isolation {
        guard let wanted = description.isolation else {
            let isGuarded = guards && language == "c" && !description.isOwn && description.hasWorkerSide
            return isGuarded ? .guarded : .inline
        }
        // What other languages have on the stack must not be jumped over.
        guard wanted != .guarded || language == "c" else {
            throw PluginError(
                .incompatible, path: description.origin,
                reason: "guarded is for plugins in C, and this one is in \(language); use inline")
        }
        return wanted
    }

    /// Calls the plugin's functions at `point`, on this thread; nil if it has none. Of several the first that does not
    /// return `TALON_OK` is the last that is called, and its outcome that of all.
    ///
    /// `request` and `response` are the C structs of the request that the call is about.
    package func call(
        _ point: HookPoint, _ facts: FactBlock, request: UnsafePointer<talon_request>? = nil,
        response: UnsafePointer<talon_response>? = nil, deadline: UInt64
    ) -> HookOutcome? {
        let row = hooks[point]
        guard !row.plans.isEmpty else { return nil }
        guard !hasCrashed.load(ordering: .relaxed) else { return .notRunning }
        var call = talon_call(
            struct_size: UInt32(MemoryLayout<talon_call>.size), point: point.rawValue, deadline_ns: deadline,
            state: state, host: UnsafePointer(host.face), server: UnsafePointer(facts.server), worker: facts.worker,
            workers: facts.workers, request: request, response: response)
        for plan in row.plans {
            var status: Int32 = 0
            if row.isGuarded {
                let signal = talon_guard_call_guarded(plan, &call, &status)
                if signal != 0 { return crashed(signal) }
            } else {
                status = talon_guard_call_inline(plan, &call)
            }
            let outcome = HookOutcome(status: status, at: point)
            if outcome != .ok { return settled(outcome) }
        }
        return settled(.ok)
    }

    /// What the plugin counted before there was a place for it may have one now.
    private func settled(_ outcome: HookOutcome) -> HookOutcome {
        host.metrics.settle()
        return outcome
    }

    private func crashed(_ signal: Int32) -> HookOutcome {
        hasCrashed.store(true, ordering: .relaxed)
        return .crashed(Signal(signal))
    }

    /// A guarded plugin has crashed in this process: it should finish what runs, and end. Any thread.
    package static var isProcessTainted: Bool { talon_guard_crash() != nil }

    /// An interface that the plugin offers, such as `talon.app/1`, and its state.
    package func interface(_ id: String) -> (table: UnsafeRawPointer, state: UnsafeMutableRawPointer?)? {
        guard let info, let table = talon_guard_interface(info, state, id) else { return nil }
        return (table, state)
    }

    /// Calls the plugin's `destroy`, at an orderly end; not if it has crashed.
    package func destroy() {
        guard let info, !hasCrashed.load(ordering: .relaxed) else { return }
        talon_guard_destroy(info, state)
    }

    private static func function(_ name: String, in handle: UnsafeMutableRawPointer) -> talon_symbol? {
        guard let address = dlsym(handle, name) else { return nil }
        return unsafeBitCast(address, to: talon_symbol.self)
    }
}
