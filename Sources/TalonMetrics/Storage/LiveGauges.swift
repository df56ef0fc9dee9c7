import Glibc
import TalonPlatform

/// What must happen to live gauges when a process ends: prometheus_client's `mark_process_dead`.
package enum LiveGauges {
    /// Deletes the `gauge_live*_<identifier>.db` of a process that has ended, so that they leave the aggregate; those of
    /// the application in it too, which are `app-<identifier>`, and of what that has forked, `app-<identifier>-<pid>`.
    ///
    /// For the process that reaped it, before another gets the identifier.
    package static func remove(identifier: String, directory: String) {
        let names = (try? FileAccess.names(in: directory)) ?? []
        for name in names where name.hasPrefix("gauge_live") && name.hasSuffix(".db") {
            let owner = name.dropLast(3).split(separator: "_").last ?? ""
            if owner == identifier || owner == "app-\(identifier)" || owner.hasPrefix("app-\(identifier)-") {
                unlink("\(directory)/\(name)")
            }
        }
    }
}
