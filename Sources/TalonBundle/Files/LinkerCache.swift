import TalonHooks
import TalonPlatform

/// The list of libraries that ldconfig(8) made: names and where they are.
///
/// It is read, not trusted: a file that is not as it should be has no entries.
struct LinkerCache {
    private let bytes: [UInt8]

    private static let magic = Array("glibc-ld.so.cache1.1".utf8)
    private static let header = 48
    private static let entry = 24
    /// More libraries than any machine has.
    private static let limit = 1 << 17

    /// The flags of a library for this machine: ELF for glibc, and the machine's word size.
    private static var flags: Int {
        #if arch(x86_64)
        0x0303
        #elseif arch(arm64)
        0x0a03
        #else
        -1
        #endif
    }

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    static func ofSystem() -> LinkerCache {
        LinkerCache((try? FileDescriptor.contents(of: "/etc/ld.so.cache", limit: 1 << 24)) ?? [])
    }

    /// Where the library of this name is, in the order of the cache.
    func paths(of name: String) -> [String] {
        guard bytes.starts(with: LinkerCache.magic), let count = number(20), count <= LinkerCache.limit else {
            return []
        }
        let wanted = Array(name.utf8)
        var paths: [String] = []
        for index in 0..<count {
            let place = LinkerCache.header + index * LinkerCache.entry
            guard let flags = number(place), let key = number(place + 4), let value = number(place + 8) else { break }
            guard flags == LinkerCache.flags, text(key, limit: 255) == wanted[...], let path = text(value, limit: 4096)
            else { continue }
            paths.append(String(decoding: path, as: UTF8.self))
        }
        return paths
    }

    private func number(_ offset: Int) -> Int? {
        guard offset >= 0, offset <= bytes.count - 4 else { return nil }
        return (0..<4).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
    }

    /// The text at an offset up to its NUL; nil if it has none within `limit`.
    private func text(_ offset: Int, limit: Int) -> ArraySlice<UInt8>? {
        guard offset >= 0, offset < bytes.count else { return nil }
        let part = bytes[offset..<min(bytes.count, offset + limit + 1)]
        return part.firstIndex(of: 0).map { part[..<$0] }
    }
}
