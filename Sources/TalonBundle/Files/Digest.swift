import Crypto

/// SHA-256, as the tools of the system write it.
package enum Digest {
    /// 64 small hexadecimal digits.
    package static func hexadecimal(of bytes: [UInt8]) -> String {
        var text = ""
        for byte in SHA256.hash(data: bytes) {
            text += (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
        return text
    }
}
