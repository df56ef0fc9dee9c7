import Glibc

/// An address of IPv4 or IPv6, as its bytes. One of IPv4 that is written as IPv6 (RFC 4291 §2.5.5.2) is one of IPv4.
package struct IPAddress: Equatable {
    let bytes: [UInt8]

    package init?(_ text: String) {
        var four = in_addr()
        var six = in6_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            bytes = withUnsafeBytes(of: four) { Array($0) }
        } else if inet_pton(AF_INET6, text, &six) == 1 {
            let all = withUnsafeBytes(of: six) { Array($0) }
            bytes = all.prefix(12).elementsEqual(IPAddress.mapped) ? Array(all.suffix(4)) : all
        } else {
            return nil
        }
    }

    /// The usual text for 4 or 16 bytes in network order; nil for another number of them.
    package static func text(of bytes: [UInt8]) -> String? {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        guard inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The usual text of an address of this family; nil if `text` is none.
    package static func text(_ text: String, isVersion6: Bool) -> String? {
        var bytes = [UInt8](repeating: 0, count: isVersion6 ? 16 : 4)
        guard inet_pton(isVersion6 ? AF_INET6 : AF_INET, text, &bytes) == 1 else { return nil }
        return IPAddress.text(of: bytes)
    }

    private static let mapped = [UInt8](repeating: 0, count: 10) + [0xff, 0xff]
}

/// Addresses that begin with the same bits: `10.0.0.0/8`; without a number of bits it is one address.
package struct IPNetwork: Sendable {
    private let bytes: [UInt8]
    private let bits: Int

    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(String(first)) else { return nil }
        let most = address.bytes.count * 8
        guard parts.count > 1 else {
            (bytes, bits) = (address.bytes, most)
            return
        }
        // The first 96 bits of one of IPv4 that is written as IPv6 are always the same.
        let implied = first.contains(":") && most == 32 ? 96 : 0
        guard let bits = Int(parts[1]).map({ $0 - implied }), (0...most).contains(bits) else { return nil }
        (bytes, self.bits) = (address.bytes, bits)
    }

    package func contains(_ address: IPAddress) -> Bool {
        guard address.bytes.count == bytes.count else { return false }
        let whole = bits / 8
        guard address.bytes.prefix(whole).elementsEqual(bytes.prefix(whole)) else { return false }
        guard bits % 8 > 0 else { return true }
        return (address.bytes[whole] ^ bytes[whole]) >> (8 - bits % 8) == 0
    }
}
