import TalonYAML

/// The shared object that a manifest names.
package enum LibraryReference: Equatable, Sendable {
    /// No '/': in a bundle the file of that name in `lib/TARGET/`, elsewhere what the dynamic linker looks up
    /// ("libsystemd.so.0").
    case name(String)
    /// An absolute path.
    case absolute(String)
    /// A path relative to the folder of the manifest; has no "..".
    case relative(String)

    init(_ field: YAMLField) throws(YAMLError) {
        let help = "write a name such as libsystemd.so.0, or a path"
        let text = try field.words("a name such as libsystemd.so.0, or a path")
        guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }), !text.hasSuffix("/") else {
            throw field.place.error("\(field.place.found(text)); \(help)")
        }
        let parts = BundlePath.parts(text)
        if text.utf8.first == UInt8(ascii: "/") {
            self = .absolute(text)
        } else if parts.count > 1 {
            guard !parts.contains("..") else {
                throw field.place.error("\(field.place.found(text)); write an absolute path instead of ..")
            }
            self = .relative(parts.filter { $0 != "." && !$0.isEmpty }.joined(separator: "/"))
        } else {
            guard text.contains(".so") else {
                throw field.place.error("\(field.place.found(text)), which is no name of a shared object; \(help)")
            }
            self = .name(text)
        }
    }
}
