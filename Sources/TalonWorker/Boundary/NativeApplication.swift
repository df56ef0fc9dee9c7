import CTalonPlugin
import CTalonWorker
import TalonHooks

extension LoadedPlugin {
    /// The application that a plugin offers.
    struct Application {
        fileprivate let table: UnsafePointer<talon_app_1>
        fileprivate let state: UnsafeMutableRawPointer?

        /// talon_worker_prepare().
        func prepare() -> Int32 {
            talon_worker_prepare(table, state)
        }
    }

    /// nil if the plugin does not offer `talon.app/1`.
    var application: Application? {
        guard let offer = interface(TALON_INTERFACE_APP) else { return nil }
        return Application(table: offer.table.assumingMemoryBound(to: talon_app_1.self), state: offer.state)
    }
}
