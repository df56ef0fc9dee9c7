import Crypto
package import TalonHooks
import TalonPlatform

/// A secret key that plugins are signed with, and its public key.
package struct KeyPair: Sendable {
    private let secret: [UInt8]
    package let publicKey: PublicKey

    private static let heading = "talon-secret-key 1"

    /// nil if the bytes are no Ed25519 key.
    init?(secret: [UInt8]) {
        guard secret.count == 32, let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: secret),
            let publicKey = PublicKey(bytes: Array(key.publicKey.rawRepresentation))
        else { return nil }
        self.secret = secret
        self.publicKey = publicKey
    }

    /// A new one, from the kernel's random numbers.
    package static func generate() throws(PluginError) -> KeyPair {
        guard let pair = KeyPair(secret: Array(Curve25519.Signing.PrivateKey().rawRepresentation)) else {
            throw PluginError(.malformed, path: "key", reason: "cannot be generated")
        }
        return pair
    }

    /// Writes `PATH.key`, which only its owner may read, and `PATH.pub`. Neither may be there.
    package func write(to path: String) throws(PluginError) {
        for (name, text, mode) in [
            ("\(path).key", "\(KeyPair.heading)\nkey: \(Base64.encode(secret))\n", 0o600 as UInt32),
            ("\(path).pub", publicKey.text, 0o644),
        ] {
            do {
                try FileAccess.create(name, Array(text.utf8), mode: mode)
            } catch {
                throw PluginError(
                    .unreadable, path: name, reason: "cannot be written: \(SystemError.text(of: error.errno))")
            }
        }
    }

    /// Reads a file `NAME.key`. One that others may read is no secret any more.
    package static func read(_ path: String) throws(PluginError) -> KeyPair {
        let snapshot = try FileSnapshot.read(path, limit: SigningText.limit)
        guard snapshot.permissions & 0o077 == 0 else {
            throw PluginError(
                .exposed, path: path,
                reason: "is a secret key that others may read; run chmod 600 on it, or make a new one")
        }
        let values = try SigningText.parse(try snapshot.trusted, heading: heading, ["key"], path: path)
        guard let pair = values["key"].flatMap(Base64.decode).flatMap({ KeyPair(secret: $0) }) else {
            throw PluginError(.malformed, path: path, reason: "has a key that is no Ed25519 key in Base64")
        }
        return pair
    }

    /// The signature of a message: 64 bytes.
    func sign(_ message: [UInt8]) throws(PluginError) -> [UInt8] {
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: secret),
            let signature = try? key.signature(for: message)
        else { throw PluginError(.malformed, path: "key \(publicKey.id)", reason: "cannot sign") }
        return Array(signature)
    }
}
