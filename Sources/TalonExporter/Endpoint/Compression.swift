import CZlib
import CZstd

/// Compresses whole pages, in memory. Any thread.
extension ContentCoding {
    /// A page has so much repetition that little effort finds most of it.
    private static let gzipLevel: Int32 = 4
    private static let zstdLevel: Int32 = 3
    /// What is smaller is not worth it.
    private static let smallest = 256

    /// The bytes and how they are coded: as they were, if it is not worth it or fails.
    func compress(_ bytes: [UInt8]) -> (bytes: [UInt8], coding: ContentCoding) {
        guard bytes.count >= ContentCoding.smallest, let made = coded(bytes), made.count < bytes.count else {
            return (bytes, .identity)
        }
        return (made, self)
    }

    private func coded(_ bytes: [UInt8]) -> [UInt8]? {
        switch self {
        case .identity: return nil
        case .gzip:
            // Deflate grows what it cannot compress by 5 bytes in 16 KiB at most.
            var target = [UInt8](repeating: 0, count: bytes.count + bytes.count / 1000 + 128)
            var made: UInt = 0
            guard let size = UInt32(exactly: bytes.count), let room = UInt32(exactly: target.count),
                talon_gzip(bytes, size, &target, room, &made, ContentCoding.gzipLevel) == Z_STREAM_END
            else { return nil }
            return Array(target.prefix(Int(made)))
        case .zstd:
            var target = [UInt8](repeating: 0, count: talon_zstd_bound(bytes.count))
            let made = talon_zstd(bytes, bytes.count, &target, target.count, ContentCoding.zstdLevel)
            return made > 0 ? Array(target.prefix(made)) : nil
        }
    }
}
