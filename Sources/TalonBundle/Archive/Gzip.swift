import CZlib
import TalonHooks

/// One gzip member, in memory; RFC 1952.
enum Gzip {
    /// Decompresses. No more memory is taken than `limit`, nor more than the compressed bytes could ever give.
    static func decompress(_ bytes: [UInt8], limit: Int, path: String) throws(PluginError) -> [UInt8] {
        func refused(_ reason: String) -> PluginError { PluginError(.malformed, path: path, reason: reason) }
        guard bytes.count >= 18, bytes.starts(with: [0x1f, 0x8b, 8]) else { throw refused("is no gzip file") }
        // The file ends with its size; one that unpacks to anything else is damaged or a bomb.
        let size = bytes.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        guard size <= limit else { throw refused("unpacks to \(size) bytes; \(limit) are allowed") }
        guard size / 1100 <= bytes.count, let sourceSize = UInt32(exactly: bytes.count) else {
            throw refused("is a damaged gzip file")
        }
        var target = [UInt8](repeating: 0, count: max(size, 1))
        var used: UInt = 0
        var made: UInt = 0
        let status = talon_gunzip(bytes, sourceSize, &target, UInt32(size), &used, &made)
        guard status == Z_STREAM_END, made == UInt(size) else { throw refused("is a damaged gzip file") }
        guard used == UInt(bytes.count) else { throw refused("has something behind its end; pack it again") }
        if size == 0 { return [] }
        return target
    }

    /// Compresses; the same bytes give the same file.
    static func compress(_ bytes: [UInt8], path: String) throws(PluginError) -> [UInt8] {
        // Deflate grows what it cannot compress by 5 bytes in 16 KiB at most.
        var target = [UInt8](repeating: 0, count: bytes.count + bytes.count / 1000 + 128)
        var made: UInt = 0
        guard let size = UInt32(exactly: bytes.count), let room = UInt32(exactly: target.count),
            talon_gzip(bytes, size, &target, room, &made, Z_BEST_COMPRESSION) == Z_STREAM_END
        else { throw PluginError(.malformed, path: path, reason: "cannot be compressed") }
        return Array(target.prefix(Int(made)))
    }
}
