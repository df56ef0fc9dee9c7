import Crypto
package import TalonHooks
import TalonPlatform

/// An Ed25519 key that signatures are verified with; RFC 8032.
package struct PublicKey: Equatable, Sendable {
    /// 32 bytes.
    package let bytes: [UInt8]

    /// nil if they are not 32.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 32, (try? Curve25519.Signing.PublicKey(rawRepresentation: bytes)) != nil else {
            return nil
        }
        self.bytes = bytes
    }

    /// How signatures and messages name it: the first 16 hexadecimal digits of its SHA-256.
    package var id: String { String(Digest.hexadecimal(of: bytes).prefix(16)) }

    private static let heading = "talon-public-key 1"

    /// What is in its file, `NAME.pub`.
    package var text: String { "\(PublicKey.heading)\nkey: \(Base64.encode(bytes))\n" }

    /// Reads a file `NAME.pub`, which only its owner may be able to change.
    package static func read(_ path: String) throws(PluginError) -> PublicKey {
        let bytes = try FileSnapshot.read(path, limit: SigningText.limit).trusted
        let values = try SigningText.parse(bytes, heading: heading, ["key"], path: path)
        guard let key = values["key"].flatMap(Base64.decode).flatMap({ PublicKey(bytes: $0) }) else {
            throw PluginError(.malformed, path: path, reason: "has a key that is no Ed25519 key in Base64")
        }
        return key
    }

    func isValid(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes) else { return false }
        return key.isValidSignature(signature, for: message)
    }
}
