import TalonHooks
import TalonPlatform

/// The small text files of signing: a first line that says what it is, then `name: value` lines. Empty lines, and
/// lines that begin with #, mean nothing.
enum SigningText {
    static let limit = 4096

    /// The values of `names`, each of which must be there once; nothing else may be.
    static func parse(
        _ bytes: [UInt8], heading: String, _ names: [String], path: String
    ) throws(PluginError) -> [String: String] {
        func refused(_ reason: String) -> PluginError {
            PluginError(.malformed, path: path, reason: LogText.oneLine(reason))
        }
        guard bytes.count <= limit, let text = String(validating: bytes) else { throw refused("is no text file") }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().filter {
            !$0.element.isEmpty && !$0.element.hasPrefix("#")
        }
        guard let first = lines.first, first.element == heading else {
            throw refused("does not begin with the line '\(heading)'")
        }
        var values: [String: String] = [:]
        for (index, line) in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let name = parts.first, let value = parts.last, value.hasPrefix(" "),
                names.contains(String(name)), values[String(name)] == nil
            else { throw refused("has a line that does not belong there: line \(index + 1)") }
            values[String(name)] = String(value.dropFirst())
        }
        for name in names where values[name] == nil { throw refused("has no line '\(name): …'") }
        return values
    }
}
