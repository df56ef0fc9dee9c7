/// A value of a YAML document, with its place. All scalars are texts: what a text means is for its reader to say.
package struct YAMLValue: Sendable {
    package struct Entry: Sendable {
        package let key: String
        /// Of the key.
        package let line: Int
        package let value: YAMLValue
    }

    package enum Content: Sendable {
        case text(String)
        /// `key:` with nothing behind it, `~` or `null`.
        case nothing
        case list([YAMLValue])
        case mapping([Entry])
    }

    package let content: Content
    /// Starts at 1.
    package let line: Int

    /// What it is, for a message.
    package var kind: String {
        switch content {
        case .text(let text): quoted(text)
        case .nothing: "empty"
        case .list: "a list"
        case .mapping: "a mapping"
        }
    }
}
