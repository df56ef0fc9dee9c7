import CTalonWorker

/// Why a worker cannot begin.
package struct BootError: Error, CustomStringConvertible {
    package let description: String
    /// With which the process must end.
    package let status: Int32

    init(_ description: String, status: Int32 = TALON_EXIT_BOOT_FAILED) {
        self.description = description
        self.status = status
    }
}
