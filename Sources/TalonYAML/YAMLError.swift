import TalonPlatform

/// Why a text is refused: where, what was found, and what to do.
package struct YAMLError: Error, Equatable, CustomStringConvertible {
    /// The file, or the setting that the text comes from.
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
package struct YAMLPlace: Equatable, Sendable {
    package var file: String
    package var line: Int
    package var field: String
    /// What the whole text is called, where there is no field to name.
    package var document = "manifest"
    /// The value is a password or the like, which no message may show.
    package var isSecret = false

    package init(file: String, line: Int, field: String) {
        self.file = file
        self.line = line
        self.field = field
    }

    package func error(_ reason: String) -> YAMLError {
        YAMLError(file: file, line: max(line, 1), field: field.isEmpty ? document : field, reason: reason)
    }

    /// That of a field of the mapping that stands here.
    package func inner(_ name: String) -> YAMLPlace {
        var place = self
        place.field += (field.isEmpty ? "" : ".") + name
        return place
    }

    /// That of another field of the same entry.
    package func sibling(_ name: String) -> YAMLPlace {
        var place = self
        place.field = name
        return place
    }

    /// "is '300'", for the beginning of a reason.
    package func found(_ text: String) -> String { isSecret ? "has a value" : "is \(quoted(text))" }
}

/// A text from outside, short enough and on one line, in quotes.
package func quoted(_ text: String) -> String {
    let limit = 60
    let start = text.prefix(limit)
    return "'" + LogText.oneLine(String(start)) + (start.endIndex == text.endIndex ? "'" : "…'")
}
