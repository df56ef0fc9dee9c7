import Glibc
import TalonPlatform

/// What must happen to live gauges when a process ends: prometheus_client's `mark_process_dead`.
package enum LiveGauges {
    /// Deletes the `gauge_live*_<identifier>.db` of a process that has ended, so that they leave the aggregate.
    ///
    /// Files that are not there are no matter. For the process that reaped it.
    package static func remove(identifier: String, directory: String) {
        for mode in GaugeMode.allCases where mode.isLive {
            unlink("\(directory)/gauge_\(mode.rawValue)_\(identifier).db")
        }
    }
}
