/// A command: its name and its words.
package struct RedisCommand: Sendable, Equatable {
    let words: [[UInt8]]
    /// A password is in it.
    let isSecret: Bool

    package init(_ name: String, _ words: [String] = []) {
        self.init(name, bytes: words.map { Array($0.utf8) })
    }

    package init(_ name: String, bytes: [[UInt8]], isSecret: Bool = false) {
        words = [Array(name.utf8)] + bytes
        self.isSecret = isSecret
    }

    package var name: String { String(decoding: words.first ?? [], as: UTF8.self) }
}
