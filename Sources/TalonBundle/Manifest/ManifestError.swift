import TalonPlatform

/// Why a manifest or an entry of the setting `plugins` is refused: where, what was found, and what to do.
package struct ManifestError: Error, Equatable, CustomStringConvertible {
    /// The manifest, or the setting that the text comes from.
    package let file: String
    /// Starts at 1.
    package let line: Int
    /// "hooks[0].point"; "YAML" if the text cannot be read at all.
    package let field: String
    /// One sentence without its subject, which is the field.
    package let reason: String

    package init(file: String, line: Int, field: String, reason: String) {
        self.file = file
        self.line = line
        self.field = field
        self.reason = reason
    }

    package var description: String { LogText.oneLine("\(file):\(line): \(field): \(reason)") }
}

/// Where a value stands: what an error about it names.
struct ManifestPlace: Equatable, Sendable {
    var file: String
    var line: Int
    var field: String
    /// The value is a password or the like, which no message may show.
    var isSecret = false

    func error(_ reason: String) -> ManifestError {
        ManifestError(file: file, line: max(line, 1), field: field.isEmpty ? "manifest" : field, reason: reason)
    }

    /// That of a field of the mapping that stands here.
    func inner(_ name: String) -> ManifestPlace {
        var place = self
        place.field += (field.isEmpty ? "" : ".") + name
        return place
    }

    /// That of another field of the same entry.
    func sibling(_ name: String) -> ManifestPlace {
        var place = self
        place.field = name
        return place
    }

    /// "is '300'", for the beginning of a reason.
    func found(_ text: String) -> String { isSecret ? "has a value" : "is \(quoted(text))" }
}

/// A text from outside, short enough and on one line, in quotes.
func quoted(_ text: String) -> String {
    let limit = 60
    let start = text.prefix(limit)
    return "'" + LogText.oneLine(String(start)) + (start.endIndex == text.endIndex ? "'" : "…'")
}
