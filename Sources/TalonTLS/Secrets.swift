import CTalonTLS
import TalonPlatform

/// What secrets are compared and remembered by.
package enum Secrets {
    /// Whether they are the same, in a time that tells nothing but whether their sizes are.
    package static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        talon_tls_equal(left, left.count, right, right.count) == 1
    }

    /// HMAC-SHA-256 (RFC 2104), 32 bytes; nil if it cannot be computed.
    package static func digest(_ text: [UInt8], key: [UInt8]) -> [UInt8]? {
        var digest = [UInt8](repeating: 0, count: 32)
        return talon_tls_hmac(key, key.count, text, text.count, &digest) == 1 ? digest : nil
    }

    /// Bytes that nobody can foretell; getrandom(2) is behind it.
    package static func random(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }
}
