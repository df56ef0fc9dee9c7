import TalonPlatform

/// The names in a directory.
enum DirectoryListing {
    /// Names that end in `suffix`, sorted.
    ///
    /// Code `.access` if the directory cannot be read.
    static func names(in directory: String, endingIn suffix: String) throws(MetricError) -> [String] {
        do {
            return try FileAccess.names(in: directory).filter { $0.hasSuffix(suffix) && !$0.hasPrefix(".") }
        } catch {
            throw MetricError(.access, errno: error.errno, "open directory")
        }
    }
}
