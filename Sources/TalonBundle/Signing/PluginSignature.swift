package import TalonHooks
import TalonPlatform

/// Who vouches for a manifest: the file `plugin.sig` of a bundle, an Ed25519 signature over the exact bytes of
/// `plugin.yaml`.
package struct PluginSignature: Equatable, Sendable {
    /// The ``PublicKey/id`` of the key that made it.
    package let keyID: String
    /// 64 bytes.
    package let bytes: [UInt8]

    private static let heading = "talon-signature 1"

    /// Signs the bytes of a manifest.
    package static func sign(_ manifest: [UInt8], with pair: KeyPair) throws(PluginError) -> PluginSignature {
        PluginSignature(keyID: pair.publicKey.id, bytes: try pair.sign(manifest))
    }

    /// What is in `plugin.sig`.
    package var text: String {
        "\(PluginSignature.heading)\nkey: \(keyID)\nsignature: \(Base64.encode(bytes))\n"
    }

    /// Reads the bytes of a `plugin.sig`; `path` is how messages name it.
    package static func parse(_ text: [UInt8], path: String) throws(PluginError) -> PluginSignature {
        let values = try SigningText.parse(text, heading: heading, ["key", "signature"], path: path)
        guard let key = values["key"], key.utf8.count == 16,
            key.utf8.allSatisfy({ "0123456789abcdef".utf8.contains($0) })
        else {
            throw PluginError(.malformed, path: path, reason: "has a key id that is not 16 hexadecimal digits")
        }
        guard let bytes = values["signature"].flatMap(Base64.decode), bytes.count == 64 else {
            throw PluginError(.malformed, path: path, reason: "has a signature that is not 64 bytes in Base64")
        }
        return PluginSignature(keyID: key, bytes: bytes)
    }

    /// True if the holder of `key` signed exactly these bytes.
    package func isValid(for manifest: [UInt8], by key: PublicKey) -> Bool {
        key.id == keyID && key.isValid(bytes, of: manifest)
    }
}
