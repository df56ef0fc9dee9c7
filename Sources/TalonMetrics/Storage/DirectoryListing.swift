import Glibc
import TalonPlatform

/// The names in a directory.
enum DirectoryListing {
    /// Names that end in `suffix`, sorted.
    ///
    /// Code `.access` if the directory cannot be read.
    static func names(in directory: String, endingIn suffix: String) throws(MetricError) -> [String] {
        guard let stream = opendir(directory) else { throw MetricError(.access, errno: lastErrno, "open directory") }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: tuple.pointee)) {
                    String(cString: $0)
                }
            }
            if name.hasSuffix(suffix), !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }
}
