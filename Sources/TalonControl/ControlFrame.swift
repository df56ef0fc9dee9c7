/// The frames of the control socket: four bytes of length, the high one first, and that many bytes of JSON.
package enum ControlFrame {
    /// Bytes before the JSON.
    package static let headSize = 4
    /// The longest reply. gunicorn's clients take no longer one.
    package static let replyLimit = 16 << 20
    /// The longest request: no command is near that, and each client may keep the master's memory so long.
    package static let requestLimit = 64 << 10

    package static func encode(_ text: String) -> [UInt8] {
        let count = UInt32(truncatingIfNeeded: text.utf8.count)
        let head = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> UInt32($0)) }
        return head + Array(text.utf8)
    }

    /// How many bytes of JSON follow a head; nil while that is not whole.
    package static func length(_ bytes: Span<UInt8>) -> Int? {
        guard bytes.count >= headSize else { return nil }
        return (0..<headSize).reduce(0) { $0 << 8 | Int(bytes[$1]) }
    }
}
