/// What a client accepts, and how gladly: the value of `Accept` or `Accept-Encoding` (RFC 9110 §12.4.2).
struct QualityList {
    /// 0 to 1000 by name, in lower case and without parameters; of several the highest.
    private var qualities: [String: Int] = [:]

    /// Elements that are malformed are left out.
    init(_ field: String) {
        for element in field.split(separator: ",") {
            let parts = element.split(separator: ";", omittingEmptySubsequences: false).map(Self.trimmed)
            guard let name = parts.first?.lowercased(), !name.isEmpty else { continue }
            var quality: Int? = 1000
            for parameter in parts.dropFirst() {
                let pair = parameter.split(separator: "=", maxSplits: 1).map(Self.trimmed)
                if pair.first?.lowercased() == "q" { quality = pair.count > 1 ? Self.quality(pair[1]) : nil }
            }
            guard let quality else { continue }
            qualities[name] = max(quality, qualities[name] ?? 0)
        }
    }

    /// nil if it is not named.
    subscript(name: String) -> Int? { qualities[name] }

    /// "0.5", with three digits at most.
    private static func quality(_ text: String) -> Int? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let digits = parts.count > 1 ? String(parts[1]) : ""
        guard digits.utf8.count <= 3, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let fraction = Int(digits + String(repeating: "0", count: 3 - digits.utf8.count))
        else { return nil }
        switch parts[0] {
        case "0": return fraction
        case "1": return fraction == 0 ? 1000 : nil
        default: return nil
        }
    }

    private static func trimmed(_ text: Substring) -> String {
        let isBlank = { (character: Character) in character == " " || character == "\t" }
        var text = text.drop(while: isBlank)
        while let last = text.last, isBlank(last) { text.removeLast() }
        return String(text)
    }
}
