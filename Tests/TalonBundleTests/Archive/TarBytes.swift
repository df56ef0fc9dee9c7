@testable import TalonBundle

/// A tar archive made by hand.
struct TarBytes {
    var bytes: [UInt8] = []

    /// Adds an entry; `change` may spoil its header, whose checksum is right afterwards unless `spoils`.
    mutating func add(
        _ path: String, _ content: String = "", type: Character? = nil, size: Int? = nil, spoils: Bool = false,
        change: (inout [UInt8]) -> Void = { _ in }
    ) {
        let header = TarHeader(path: "placeholder", isFolder: path.hasSuffix("/"), size: size ?? content.utf8.count)
        var block = header.encoded ?? []
        block.replaceSubrange(
            0..<100, with: Array(path.utf8.prefix(100)) + [UInt8](repeating: 0, count: max(0, 100 - path.utf8.count)))
        if let type = type?.asciiValue { block[156] = type }
        change(&block)
        if !spoils { TarBytes.correct(&block) }
        bytes += block + Array(content.utf8)
        bytes += [UInt8](repeating: 0, count: (512 - content.utf8.count % 512) % 512)
    }

    static func correct(_ block: inout [UInt8]) {
        block.replaceSubrange(148..<156, with: [UInt8](repeating: 32, count: 8))
        let sum = String(block.reduce(0) { $0 + Int($1) }, radix: 8)
        block.replaceSubrange(
            148..<156, with: Array((String(repeating: "0", count: 6 - sum.count) + sum).utf8) + [0, 32])
    }

    /// With the end of an archive.
    var complete: [UInt8] { bytes + [UInt8](repeating: 0, count: 1024) }

    static func of(_ make: (inout TarBytes) -> Void) -> [UInt8] {
        var tar = TarBytes()
        make(&tar)
        return tar.complete
    }
}
