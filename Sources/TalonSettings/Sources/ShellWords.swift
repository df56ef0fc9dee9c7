import TalonPlatform

/// Splits a text into words as a POSIX shell does, without expanding anything: as Python's `shlex.split`.
package enum ShellWords {
    package struct Unfinished: Error, Equatable {
        /// "a quotation mark is not closed"
        package let reason: String
    }

    package static func split(_ text: String) throws(Unfinished) -> [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var rest = text[...]
        while let next = rest.popFirst() {
            switch (next, quote) {
            case ("'", nil), ("\"", nil):
                quote = next
                word = word ?? ""
            case (_, next):
                quote = nil
            case ("\\", nil):
                guard let escaped = rest.popFirst() else { throw Unfinished(reason: "it ends with a backslash") }
                word = (word ?? "") + String(escaped)
            case ("\\", "\""):
                guard let escaped = rest.popFirst() else { throw Unfinished(reason: "it ends with a backslash") }
                // Within quotation marks a backslash is one, except before these.
                word = (word ?? "") + ("\"\\".contains(escaped) ? "" : "\\") + String(escaped)
            case (_, nil) where next.isWhitespace:
                if let word { words.append(word) }
                word = nil
            default:
                word = (word ?? "") + String(next)
            }
        }
        guard quote == nil else { throw Unfinished(reason: "a quotation mark is not closed") }
        if let word { words.append(word) }
        return words
    }
}
