/// `*( BWS ";" BWS token [ BWS "=" BWS ( token / quoted-string ) ] )` (RFC 9112 §7.1.1), checked and ignored.
///
/// Checked, because a reader that skips to some line ending and one that looks for quotes disagree where the chunk
/// starts, which is one more way to smuggle.
struct ChunkExtension: Equatable, Sendable {
    private enum Phase {
        case beforeSemicolon, beforeName, name, afterName, beforeValue, token, quoted, escaped, afterQuoted
    }

    private var phase = Phase.beforeSemicolon

    /// Whether the line may end here.
    var mayEnd: Bool {
        switch phase {
        case .name, .token, .afterQuoted: true
        default: false
        }
    }

    /// Whether this byte may follow.
    mutating func take(_ byte: UInt8) -> Bool {
        let classes = ByteClass.of(byte)
        let isToken = classes & ByteClass.token != 0
        switch phase {
        case .quoted:
            if byte == Byte.quote { phase = .afterQuoted }
            if byte == Byte.backslash { phase = .escaped }
            return classes & ByteClass.quoted != 0 || phase != .quoted
        case .escaped:
            phase = .quoted
            return classes & ByteClass.value != 0
        case .name where isToken, .token where isToken: return true
        case .beforeName where isToken: phase = .name
        case .beforeValue where isToken: phase = .token
        case .beforeValue where byte == Byte.quote: phase = .quoted
        case .name where byte == Byte.equals, .afterName where byte == Byte.equals: phase = .beforeValue
        case .beforeSemicolon, .name, .afterName, .token, .afterQuoted:
            if byte == Byte.semicolon {
                phase = .beforeName
            } else if Byte.isBlank(byte) {
                if phase == .name { phase = .afterName } else if phase != .afterName { phase = .beforeSemicolon }
            } else {
                return false
            }
        case .beforeName, .beforeValue: return Byte.isBlank(byte)
        }
        return true
    }
}
