/// What the dynamic linker will read of a shared object: its segments, and the list of what it needs.
struct ELFDynamic {
    private(set) var needed: [String] = []
    private(set) var soname: String?

    private struct Segment {
        let type: Int
        let offset: Int
        let address: Int
        let size: Int
    }

    /// More than any library needs.
    private static let entryLimit = 4096

    init(_ file: ELFBytes) throws(ELFImage.Problem) {
        let segments = try ELFDynamic.segments(file)
        guard let dynamic = segments.first(where: { $0.type == 2 }) else { return }  // PT_DYNAMIC
        var names: [(isNeeded: Bool, offset: Int)] = []
        var strings: (address: Int, size: Int) = (0, 0)
        for index in 0..<min(dynamic.size / 16, ELFDynamic.entryLimit) {
            let place = dynamic.offset + index * 16
            // A tag may have its highest bit set; none of those matters here.
            guard let tag = try? file.number(place, 8), let value = try? file.number(place + 8, 8) else { continue }
            switch tag {
            case 1: names.append((isNeeded: true, offset: value))  // DT_NEEDED
            case 14: names.append((isNeeded: false, offset: value))  // DT_SONAME
            case 5: strings.address = value  // DT_STRTAB
            case 10: strings.size = value  // DT_STRSZ
            default: break
            }
            if tag == 0 { break }
        }
        guard !names.isEmpty else { return }
        let table = try ELFDynamic.place(of: strings.address, size: strings.size, in: segments, file)
        for (isNeeded, offset) in names {
            guard let name = try file.text(offset, in: table, limit: 255) else { throw .damaged }
            if isNeeded { needed.append(name) } else { soname = name }
        }
    }

    /// All segments. One that reaches beyond the end of the file would be a deadly signal when it is loaded.
    private static func segments(_ file: ELFBytes) throws(ELFImage.Problem) -> [Segment] {
        let (table, entrySize, count) = (try file.number(32, 8), try file.number(54, 2), try file.number(56, 2))
        guard count > 0 else { return [] }
        guard entrySize >= 56 else { throw .damaged }
        _ = try file.range(table, count * entrySize)
        var segments: [Segment] = []
        for index in 0..<count {
            let place = table + index * entrySize
            let type = try file.number(place, 4)
            guard type == 1 || type == 2 else { continue }  // PT_LOAD, PT_DYNAMIC
            let part = try file.range(file.number(place + 8, 8), file.number(place + 32, 8))
            segments.append(
                Segment(
                    type: type, offset: part.lowerBound, address: try file.number(place + 16, 8), size: part.count))
        }
        return segments
    }

    /// Where in the file lies what is loaded at an address.
    private static func place(
        of address: Int, size: Int, in segments: [Segment], _ file: ELFBytes
    ) throws(ELFImage.Problem) -> Range<Int> {
        for segment in segments where segment.type == 1 {
            guard address >= segment.address, address - segment.address < segment.size else { continue }
            guard size <= segment.size - (address - segment.address) else { throw .damaged }
            return try file.range(segment.offset + (address - segment.address), size)
        }
        throw .damaged
    }
}
