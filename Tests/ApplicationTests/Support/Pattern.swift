/// The bytes of large bodies; the fixtures `bulk.py` and `kinds_common.py` make the same.
enum Pattern {
    static let size = 1 << 16
    static let bytes = (0..<size).map { UInt8(($0 * 7 + ($0 >> 8)) % 251) }

    /// The first `count` of it, repeated.
    static func body(_ count: Int) -> [UInt8] {
        var body: [UInt8] = []
        body.reserveCapacity(count)
        while body.count < count { body += bytes.prefix(count - body.count) }
        return body
    }
}
