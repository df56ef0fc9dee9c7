/// Why a hook failed, or why a plugin cannot be used: a sentence for the error log.
///
/// A hook may throw any error; this one is for those that have no type of their own.
public struct PluginFailure: Error, CustomStringConvertible {
    /// The sentence.
    public let description: String

    /// States it.
    public init(_ description: String) {
        self.description = description
    }
}
