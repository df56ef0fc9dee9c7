import CTalonRedis

/// What Redis answers to a command.
package enum RedisReply: Sendable, Equatable {
    /// There is no such key.
    case nothing
    case text([UInt8])
    case number(Int)
    case list([RedisReply])
    /// Why it did not do it: a word in capitals, and a sentence.
    case refusal(String)

    /// Of a text; nil: it is none.
    package var bytes: [UInt8]? {
        if case .text(let bytes) = self { bytes } else { nil }
    }

    package var number: Int? {
        if case .number(let number) = self { number } else { nil }
    }

    package var string: String? { bytes.map { String(decoding: $0, as: UTF8.self) } }
}

extension RedisReply {
    /// A copy; `depth`: how deep lists may be in lists, which hiredis bounds too.
    init(_ reply: OpaquePointer, depth: Int = 8) {
        switch Int(talon_redis_reply_kind(reply)) {
        case TALON_REDIS_TEXT: self = .text(RedisReply.bytes(of: reply))
        case TALON_REDIS_REFUSAL: self = .refusal(String(decoding: RedisReply.bytes(of: reply), as: UTF8.self))
        case TALON_REDIS_NUMBER: self = .number(Int(talon_redis_reply_number(reply)))
        case TALON_REDIS_LIST where depth > 0:
            let count = talon_redis_reply_count(reply)
            self = .list((0..<count).map { RedisReply(talon_redis_reply_element(reply, $0), depth: depth - 1) })
        default: self = .nothing
        }
    }

    private static func bytes(of reply: OpaquePointer) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: talon_redis_reply_count(reply))
        talon_redis_reply_copy(reply, &bytes)
        return bytes
    }
}
