/// Where a file is in a bundle: parts of plain names, relative, nothing that leads out.
enum BundlePath {
    static let lengthLimit = 255
    static let depthLimit = 16

    /// Why a path is refused, to be put behind "entry NAME"; nil if it is right.
    static func problem(_ path: String) -> String? {
        if path.isEmpty { return "has an empty name" }
        if path.utf8.count > lengthLimit { return "has a name of \(path.utf8.count) bytes; \(lengthLimit) are allowed" }
        if path.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f || $0 == UInt8(ascii: "\\") }) {
            return "has a control character or a backslash in its name"
        }
        if path.hasPrefix("/") { return "has an absolute path" }
        let parts = parts(path)
        if parts.contains("..") { return "leads out of its folder by .." }
        if parts.contains("") || parts.contains(".") { return "has an empty part in its path" }
        if parts.count > depthLimit { return "lies more than \(depthLimit) folders deep" }
        return nil
    }

    /// What stands between the slashes. By bytes: a slash and a combining accent behind it are one character of Swift.
    static func parts(_ path: String) -> [String] {
        path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map { String(Substring($0)) }
    }

    /// The paths of all folders above.
    static func parents(_ path: String) -> [String] {
        let parts = parts(path)
        return (1..<max(parts.count, 1)).map { parts[..<$0].joined(separator: "/") }
    }
}
