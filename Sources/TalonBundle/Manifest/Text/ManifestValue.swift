/// A value of a YAML document, with its place. All scalars are texts: what a text means is for its reader to say.
struct ManifestValue: Sendable {
    struct Entry: Sendable {
        let key: String
        /// Of the key.
        let line: Int
        let value: ManifestValue
    }

    enum Content: Sendable {
        case text(String)
        /// `key:` with nothing behind it, `~` or `null`.
        case nothing
        case list([ManifestValue])
        case mapping([Entry])
    }

    let content: Content
    /// Starts at 1.
    let line: Int

    /// What it is, for a message.
    var kind: String {
        switch content {
        case .text(let text): quoted(text)
        case .nothing: "empty"
        case .list: "a list"
        case .mapping: "a mapping"
        }
    }
}
