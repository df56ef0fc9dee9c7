import TalonPlatform

/// The header of the PROXY protocol, with which a connection may begin: haproxy's `proxy-protocol.txt`, §2.
package enum ProxyHeader {
    package struct Versions: OptionSet, Sendable {
        package let rawValue: UInt8

        package init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        package static let v1 = Versions(rawValue: 1)
        package static let v2 = Versions(rawValue: 2)
    }

    package enum Outcome: Equatable, Sendable {
        /// There may be one, and its end has not come.
        case incomplete
        /// The connection begins with something else.
        case absent
        /// So many bytes. nil: the proxy speaks for itself, or of a connection whose ends it does not tell.
        case complete(size: Int, ProxiedConnection?)
        case malformed
    }

    /// Reads it from the first bytes of a connection.
    package static func parse(_ bytes: Span<UInt8>, versions: Versions) -> Outcome {
        var isPossible = false
        for (version, mark) in [(Versions.v1, ProxyHeaderText.mark), (.v2, ProxyHeaderBinary.mark)]
        where versions.contains(version) {
            let count = min(bytes.count, mark.count)
            guard (0..<count).allSatisfy({ bytes[$0] == mark[$0] }) else { continue }
            guard count == mark.count else {
                isPossible = true
                continue
            }
            return version == .v1 ? ProxyHeaderText.parse(bytes) : ProxyHeaderBinary.parse(bytes)
        }
        return isPossible ? .incomplete : .absent
    }
}

/// Version 1, a line of text: §2.1.
enum ProxyHeaderText {
    static let mark = Array("PROXY ".utf8)
    /// The longest line with its end, as the specification counts it.
    static let limit = 107

    static func parse(_ bytes: Span<UInt8>) -> ProxyHeader.Outcome {
        var end = mark.count
        while end < min(bytes.count, limit), bytes[end] != Byte.carriageReturn {
            guard bytes[end] >= Byte.space, bytes[end] < 0x7f else { return .malformed }
            end += 1
        }
        guard end + 1 < limit else { return .malformed }
        guard end + 1 < bytes.count else { return .incomplete }
        guard bytes[end + 1] == Byte.lineFeed else { return .malformed }
        let words = text(bytes, mark.count..<end).split(separator: " ", omittingEmptySubsequences: false)
        // Whatever follows that word is to be ignored.
        if words.first == "UNKNOWN" { return .complete(size: end + 2, nil) }
        guard words.count == 5, words[0] == "TCP4" || words[0] == "TCP6" else { return .malformed }
        let isVersion6 = words[0] == "TCP6"
        guard let source = IPAddress.text(String(words[1]), isVersion6: isVersion6), let sourcePort = port(words[3]),
            let destination = IPAddress.text(String(words[2]), isVersion6: isVersion6),
            let destinationPort = port(words[4])
        else { return .malformed }
        let proxied = ProxiedConnection(
            source: SocketName(host: source, port: sourcePort),
            destination: SocketName(host: destination, port: destinationPort))
        return .complete(size: end + 2, proxied)
    }

    private static func text(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String {
        String(decoding: range.map { bytes[$0] }, as: UTF8.self)
    }

    /// Decimal, without zeros before it.
    private static func port(_ word: Substring) -> UInt16? {
        guard word.utf8.allSatisfy({ $0 &- Byte.zero < 10 }), word == "0" || word.first != "0" else { return nil }
        return UInt16(word)
    }
}

/// Version 2, binary: §2.2.
enum ProxyHeaderBinary {
    static let mark: [UInt8] = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a]
    private static let fixedSize = 16
    /// The type of a checksum over the whole header, CRC-32C: §2.2.3.
    private static let checksum: UInt8 = 0x03

    static func parse(_ bytes: Span<UInt8>) -> ProxyHeader.Outcome {
        guard bytes.count >= fixedSize else { return .incomplete }
        let (version, command) = (bytes[12] >> 4, bytes[12] & 0x0f)
        let (family, transport) = (bytes[13] >> 4, bytes[13] & 0x0f)
        guard version == 2, command <= 1 else { return .malformed }
        let size = fixedSize + Int(bytes[14]) << 8 + Int(bytes[15])
        guard bytes.count >= size else { return .incomplete }
        // LOCAL: the connection is the proxy's own, and the rest is to be ignored.
        guard command == 1 else { return .complete(size: size, nil) }
        let addresses: Int
        switch (family, transport) {
        case (0, 0): return .complete(size: size, nil)
        case (1, 1): addresses = 12
        case (2, 1): addresses = 36
        case (3, 1): addresses = 216
        default: return .malformed
        }
        let start = fixedSize + addresses
        guard size >= start, areWell(bytes.extracting(0..<size), from: start) else { return .malformed }
        // Of unix sockets there is no address that anybody could use.
        guard family < 3 else { return .complete(size: size, nil) }
        let length = (addresses - 4) / 2
        guard let source = name(bytes, fixedSize, length, portAt: start - 4),
            let destination = name(bytes, fixedSize + length, length, portAt: start - 2)
        else { return .malformed }
        return .complete(size: size, ProxiedConnection(source: source, destination: destination))
    }

    private static func name(_ bytes: Span<UInt8>, _ start: Int, _ length: Int, portAt: Int) -> SocketName? {
        IPAddress.text(of: (start..<start + length).map { bytes[$0] }).map {
            SocketName(host: $0, port: UInt16(bytes[portAt]) << 8 | UInt16(bytes[portAt + 1]))
        }
    }

    /// Whether what follows the addresses is a row of types, lengths and values, and a checksum among them is right.
    private static func areWell(_ header: Span<UInt8>, from start: Int) -> Bool {
        var position = start
        while position < header.count {
            guard position + 3 <= header.count else { return false }
            let value = position + 3
            let next = value + Int(header[position + 1]) << 8 + Int(header[position + 2])
            guard next <= header.count else { return false }
            if header[position] == checksum {
                guard next == value + 4 else { return false }
                let told = (value..<next).reduce(UInt32(0)) { $0 << 8 | UInt32(header[$1]) }
                guard CRC32C.of(header, zeroing: value..<next) == told else { return false }
            }
            position = next
        }
        return true
    }
}

/// The checksum of RFC 9260, appendix A.
enum CRC32C {
    /// Of all the bytes, those of `zeroed` taken for zeros.
    static func of(_ bytes: Span<UInt8>, zeroing zeroed: Range<Int>) -> UInt32 {
        var checksum = UInt32.max
        for index in 0..<bytes.count {
            checksum ^= zeroed.contains(index) ? 0 : UInt32(bytes[index])
            for _ in 0..<8 { checksum = checksum >> 1 ^ (checksum & 1 == 0 ? 0 : 0x82f6_3b78) }
        }
        return ~checksum
    }
}
