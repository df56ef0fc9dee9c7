import CTalonGuard
import CTalonPlugin
import TalonPlatform

/// Texts as they cross the plugin border.
enum CText {
    /// A longer message of a plugin is cut: it comes from outside.
    static let limit = Int(TALON_TEXT_LIMIT)

    /// Whether ``read(_:)`` would leave nothing out.
    static func fits(_ text: talon_str) -> Bool { text.size <= limit }

    /// A copy of a text from a plugin. Bytes that are no UTF-8 are repaired.
    static func read(_ text: talon_str) -> String {
        guard let data = text.data, text.size > 0 else { return "" }
        let bytes = UnsafeRawBufferPointer(start: data, count: min(text.size, limit))
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A NUL-terminated copy that lives for ever; for the few texts that a host hands out for its whole life.
    static func make(_ text: String) -> talon_str {
        let utf8 = Array(text.utf8)
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: utf8.count + 1)
        for (index, byte) in utf8.enumerated() { copy[index] = CChar(bitPattern: byte) }
        copy[utf8.count] = 0
        return talon_str(data: UnsafePointer(copy), size: utf8.count)
    }

    /// Runs `body` with texts that live that long.
    static func with<Result>(_ texts: [String], _ body: ([talon_str]) -> Result) -> Result {
        let made = texts.map(make)
        defer { for text in made { text.data?.deallocate() } }
        return body(made)
    }
}
