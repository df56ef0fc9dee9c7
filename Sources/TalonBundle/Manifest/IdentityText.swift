import TalonHooks
import TalonYAML

/// The texts of a manifest that say who the plugin is.
enum IdentityText {
    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    /// A reverse domain name: "org.example.hello".
    static func id(_ field: YAMLField) throws(YAMLError) -> String {
        let help = "use a reverse domain name such as org.example.hello"
        let id = try field.text("a reverse domain name such as org.example.hello")
        let parts = id.split(separator: ".", omittingEmptySubsequences: false)
        let isName = parts.allSatisfy { part in
            !part.isEmpty
                && part.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
        }
        guard isName, parts.count > 1 else { throw field.place.error("\(field.place.found(id)); \(help)") }
        guard id.utf8.count <= 200 else {
            throw field.place.error("is \(id.utf8.count) bytes long; 200 are allowed")
        }
        return id
    }

    /// A semantic version: "1.0.0", "2.1.0-rc.1+build.5".
    static func version(_ field: YAMLField) throws(YAMLError) -> String {
        let help = "use a semantic version such as 1.0.0"
        let text = try field.text("a semantic version such as 1.0.0", limit: 128)
        let build = text.split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)
        let release = (build.first ?? "").split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let numbers = (release.first ?? "").split(separator: ".", omittingEmptySubsequences: false)
        let isPlain = { (part: Substring) in
            let isNumber = part.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            return isNumber && !part.isEmpty && (part == "0" || part.utf8.first != UInt8(ascii: "0"))
        }
        let labels = (build.dropFirst() + release.dropFirst()).flatMap {
            $0.split(separator: ".", omittingEmptySubsequences: false)
        }
        let areLabels = labels.allSatisfy { label in
            !label.isEmpty && label.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
        }
        guard numbers.count == 3, numbers.allSatisfy(isPlain), areLabels else {
            throw field.place.error("\(field.place.found(text)); \(help)")
        }
        return text
    }

    /// The version of the ABI that it was made for; refused if this Talon does not have it.
    static func abi(_ field: YAMLField) throws(YAMLError) -> String {
        let own = "\(PluginABI.major).\(PluginABI.minor)"
        let text = try field.text("the ABI version, such as \(own)")
        let numbers = text.split(separator: ".", omittingEmptySubsequences: false).map { part in
            part.utf8.allSatisfy { isAlphanumeric($0) } ? UInt16(part) : nil
        }
        guard numbers.count == 2, let major = numbers.first ?? nil, let minor = numbers.last ?? nil else {
            throw field.place.error("\(field.place.found(text)); use MAJOR.MINOR, such as \(own)")
        }
        guard major == PluginABI.major, minor <= PluginABI.minor else {
            let help =
                major < PluginABI.major ? "rebuild the plugin for it" : "update Talon, or rebuild the plugin for it"
            throw field.place.error("the plugin needs ABI \(major).\(minor), and this Talon has \(own); \(help)")
        }
        return "\(major).\(minor)"
    }

    /// "c", "c++", "swift" or "rust".
    static func language(_ field: YAMLField) throws(YAMLError) -> String {
        let text = try field.text("one of c, c++, swift, rust")
        let small = text.lowercased()
        if small == "cpp" || small == "cxx" { return "c++" }
        return try field.choice(["c", "c++", "swift", "rust"])
    }

    /// A function's name.
    static func symbol(_ field: YAMLField) throws(YAMLError) -> String {
        let symbol = try field.text("the name of a function", limit: 512)
        let isName = symbol.utf8.allSatisfy { isAlphanumeric($0) || "_.$".utf8.contains($0) }
        guard isName, let first = symbol.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            throw field.place.error("\(field.place.found(symbol)), which is no name of a function")
        }
        return symbol
    }
}
