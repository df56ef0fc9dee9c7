/// The machines that a bundle may hold a shared object for: one folder of `lib` each.
package enum PluginTarget {
    /// This build's.
    #if arch(arm64)
    package static let current = "aarch64-linux-gnu"
    #else
    package static let current = "x86_64-linux-gnu"
    #endif

    package static let all = ["x86_64-linux-gnu", "aarch64-linux-gnu"]
}
