/// The 512 bytes before each file of a tar archive, in the ustar format of POSIX.
struct TarHeader {
    /// A reason, to be put behind "entry NAME".
    struct Problem: Error, Equatable {
        let reason: String
    }

    static let size = 512

    var path: String
    var isFolder: Bool
    /// Of the content that follows, in bytes.
    var size: Int

    init(path: String, isFolder: Bool, size: Int) {
        self.path = path
        self.isFolder = isFolder
        self.size = size
    }

    /// Reads 512 bytes.
    init(_ block: ArraySlice<UInt8>) throws(Problem) {
        let block = Array(block)
        guard block.count == TarHeader.size else { throw Problem(reason: "ends in the middle") }
        guard let stated = TarHeader.octal(block[148..<156]) else { throw Problem(reason: "has a damaged checksum") }
        guard stated == TarHeader.checksum(block) else { throw Problem(reason: "has a wrong checksum") }
        // "ustar\000" of POSIX, or "ustar  \0" of GNU.
        let isPOSIX = block[257..<265].elementsEqual("ustar\u{0}00".utf8)
        guard isPOSIX || block[257..<265].elementsEqual("ustar  \u{0}".utf8) else {
            throw Problem(reason: "is in an old format; pack it with tar --format=ustar")
        }
        isFolder = try TarHeader.isFolder(block[156])
        guard let size = TarHeader.octal(block[124..<136]) else { throw Problem(reason: "has a damaged size") }
        self.size = size
        // In GNU's format other things are where POSIX has the beginning of a long name.
        let name = block[0..<100].prefix { $0 != 0 }
        let prefix = isPOSIX ? block[345..<500].prefix { $0 != 0 } : []
        guard let path = String(validating: prefix.isEmpty ? Array(name) : prefix + [UInt8(ascii: "/")] + name) else {
            throw Problem(reason: "has a name that is no UTF-8")
        }
        self.path = path
    }

    private static func isFolder(_ type: UInt8) throws(Problem) -> Bool {
        switch type {
        case UInt8(ascii: "0"), 0: return false
        case UInt8(ascii: "5"): return true
        case UInt8(ascii: "1"): throw Problem(reason: "is a hard link; pack files and folders only")
        case UInt8(ascii: "2"): throw Problem(reason: "is a symbolic link; pack files and folders only")
        case UInt8(ascii: "3"), UInt8(ascii: "4"): throw Problem(reason: "is a device; pack files and folders only")
        case UInt8(ascii: "6"): throw Problem(reason: "is a pipe; pack files and folders only")
        case UInt8(ascii: "S"): throw Problem(reason: "is a sparse file; pack it with tar --format=ustar")
        case UInt8(ascii: "x"), UInt8(ascii: "g"), UInt8(ascii: "L"), UInt8(ascii: "K"):
            throw Problem(reason: "is an extended header; pack it with `talon plugin pack`, or tar --format=ustar")
        default: throw Problem(reason: "is of an unknown type; pack files and folders only")
        }
    }

    /// Octal digits, then NULs or blanks to the end.
    private static func octal(_ field: ArraySlice<UInt8>) -> Int? {
        let digits = field.prefix { (UInt8(ascii: "0")...UInt8(ascii: "7")).contains($0) }
        guard !digits.isEmpty, field.dropFirst(digits.count).allSatisfy({ $0 == 0 || $0 == UInt8(ascii: " ") }) else {
            return nil
        }
        // 12 digits are 36 bits.
        return digits.reduce(0) { $0 << 3 | Int($1 - UInt8(ascii: "0")) }
    }

    /// The sum of all bytes, those of the checksum taken as blanks.
    private static func checksum(_ block: [UInt8]) -> Int {
        block.enumerated().reduce(0) { $0 + ((148..<156).contains($1.offset) ? 32 : Int($1.element)) }
    }

    /// The 512 bytes: no owner and no time, 0644 or 0755 for a folder. nil if the path is too long.
    var encoded: [UInt8]? {
        guard let (prefix, name) = TarHeader.split(path), size >= 0, size < 1 << 33 else { return nil }
        var block = [UInt8](repeating: 0, count: TarHeader.size)
        func put(_ text: some Sequence<UInt8>, _ offset: Int) {
            for (index, byte) in text.enumerated() { block[offset + index] = byte }
        }
        func octal(_ number: Int, _ digits: Int) -> [UInt8] {
            let text = String(number, radix: 8)
            return Array((String(repeating: "0", count: max(digits - text.count, 0)) + text).utf8)
        }
        put(name, 0)
        put(octal(isFolder ? 0o755 : 0o644, 7), 100)
        put(octal(0, 7), 108)
        put(octal(0, 7), 116)
        put(octal(size, 11), 124)
        put(octal(0, 11), 136)
        put([UInt8(ascii: isFolder ? "5" : "0")], 156)
        put("ustar\u{0}00".utf8, 257)
        put(prefix, 345)
        put(octal(TarHeader.checksum(block), 6) + [0, UInt8(ascii: " ")], 148)
        return block
    }

    /// A path in two: up to 155 bytes, a slash that is not written, up to 100 bytes.
    private static func split(_ path: String) -> (prefix: ArraySlice<UInt8>, name: ArraySlice<UInt8>)? {
        let bytes = Array(path.utf8)[...]
        if bytes.count <= 100 { return ([], bytes) }
        for index in bytes.indices where bytes[index] == UInt8(ascii: "/") && index <= 155 {
            let name = bytes[(index + 1)...]
            if !name.isEmpty, name.count <= 100 { return (bytes[..<index], name) }
        }
        return nil
    }
}

extension String {
    /// The text of UTF-8 bytes; nil if they are none.
    init?(validating bytes: [UInt8]) {
        self.init(validating: bytes, as: UTF8.self)
    }
}
