import CTalonPlatform
import Glibc

extension FileAccess {
    /// The paths that fit a pattern of glob(7), the pattern itself if it has no wildcard and names nothing.
    package static func paths(matching pattern: String) -> [String] {
        var found = glob_t()
        defer { globfree(&found) }
        guard glob(pattern, GLOB_NOCHECK, nil, &found) == 0 else { return [] }
        return (0..<Int(found.gl_pathc)).compactMap { index in found.gl_pathv[index].map { String(cString: $0) } }
    }
}
