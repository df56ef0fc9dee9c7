import CTalonGuard
import CTalonPlugin
import TalonPlatform

#if canImport(Glibc)
import Glibc
#endif

/// A plugin that lives in this process. One thread at a time; never unloaded.
package final class LoadedPlugin {
    package let file: PluginFile
    package let id: String
    package let version: String

    private let info: UnsafePointer<talon_plugin_info>
    private let host: PluginHost
    private let state: UnsafeMutableRawPointer?
    private let plan: UnsafeMutablePointer<talon_plan>
    private var symbols: [HookPoint: talon_symbol] = [:]

    /// Loads the shared object, checks who it is, and calls its `create`.
    ///
    /// `RTLD_NOW`, so that what is missing shows here and not in a call; `RTLD_LOCAL`, so that plugins do not see each
    /// other; `RTLD_NODELETE`, because code with a Swift runtime must never be unmapped.
    package init(_ file: PluginFile, services: HostServices) throws(PluginError) {
        self.file = file
        guard let handle = dlopen(file.path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE) else {
            let reason = dlerror().map { String(cString: $0) } ?? "unknown reason"
            throw PluginError(.loadFailed, path: file.path, reason: "cannot be loaded: \(reason)")
        }
        guard let entry = LoadedPlugin.function(PluginFile.identitySymbol, in: handle),
            let info = talon_guard_identity(entry)
        else {
            throw PluginError(.noIdentity, path: file.path, reason: "its identity is empty")
        }
        // The version first: of another major nothing else is known to be where we would look.
        let (major, minor) = (info.pointee.abi_major, info.pointee.abi_minor)
        guard major == UInt16(TALON_ABI_MAJOR), minor <= UInt16(TALON_ABI_MINOR) else {
            throw PluginError(
                .incompatible, path: file.path,
                reason: "needs ABI \(major).\(minor), and this Talon has \(TALON_ABI_MAJOR).\(TALON_ABI_MINOR)")
        }
        guard let idText = info.pointee.id, let versionText = info.pointee.version else {
            throw PluginError(.noIdentity, path: file.path, reason: "its identity has no id or no version")
        }
        self.info = info
        id = String(cString: idText)
        version = String(cString: versionText)
        host = PluginHost(services: services)
        plan = .allocate(capacity: 1)
        plan.initialize(to: talon_plan())
        guard talon_plan_prepare_standard(plan) == 0 else {
            throw PluginError(.loadFailed, path: file.path, reason: "libffi refused the standard signature")
        }
        for point in HookPoint.allCases {
            symbols[point] = file.hooks.contains(point) ? LoadedPlugin.function(point.symbol, in: handle) : nil
        }
        var state: UnsafeMutableRawPointer?
        let status = talon_guard_create(info, host.face, &state)
        self.state = state
        guard status == TALON_OK else {
            throw PluginError(.createFailed, path: file.path, reason: "its create() returned \(status)")
        }
    }

    /// Calls the hook for `point` on this thread; nil if the plugin does not have it.
    package func call(_ point: HookPoint, _ facts: HookFacts, deadline: UInt64) -> HookOutcome? {
        guard let hook = symbols[point] else { return nil }
        let status = FactBlock.with(facts) { server, worker in
            var call = talon_call(
                struct_size: UInt32(MemoryLayout<talon_call>.size), point: point.rawValue, deadline_ns: deadline,
                state: state, host: UnsafePointer(host.face), server: server, worker: worker, workers: nil,
                request: nil, response: nil)
            return talon_guard_hook(plan, hook, &call)
        }
        return HookOutcome(status: status, at: point)
    }

    /// An interface that the plugin offers, such as `talon.app/1`, and its state.
    package func interface(_ id: String) -> (table: UnsafeRawPointer, state: UnsafeMutableRawPointer?)? {
        guard let table = talon_guard_interface(info, state, id) else { return nil }
        return (table, state)
    }

    /// Calls the plugin's `destroy`, at an orderly end.
    package func destroy() {
        talon_guard_destroy(info, state)
    }

    private static func function(_ name: String, in handle: UnsafeMutableRawPointer) -> talon_symbol? {
        guard let address = dlsym(handle, name) else { return nil }
        return unsafeBitCast(address, to: talon_symbol.self)
    }
}
