/// The sections of a shared object: what the linker wrote about it.
struct ELFSections {
    /// A table of symbols, inside the file, and the texts that it refers to.
    struct Table {
        let start: Int
        let size: Int
        let strings: Range<Int>
    }

    private let file: ELFBytes
    private let table: Int
    private let entrySize: Int
    private let count: Int
    /// The section with the names of sections.
    private let names: Int

    init(_ file: ELFBytes) throws(ELFImage.Problem) {
        self.file = file
        table = try file.number(40, 8)
        entrySize = try file.number(58, 2)
        count = try file.number(60, 2)
        names = try file.number(62, 2)
    }

    /// The headers are inside the file.
    func check() throws(ELFImage.Problem) {
        guard entrySize >= 64 else { throw .damaged }
        _ = try file.range(table, count * entrySize)
    }

    /// The first table of symbols of a type.
    func table(ofType type: Int) throws(ELFImage.Problem) -> Table? {
        for index in 0..<count {
            let section = table + index * entrySize
            guard try file.number(section + 4, 4) == type else { continue }
            let link = try file.number(section + 40, 4)
            guard link < count else { throw .damaged }
            let symbols = try file.range(file.number(section + 24, 8), file.number(section + 32, 8))
            return Table(start: symbols.lowerBound, size: symbols.count, strings: try content(of: link))
        }
        return nil
    }

    /// There is a section whose name begins so.
    func contains(prefix: String) throws(ELFImage.Problem) -> Bool {
        guard names != 0, count > 0 else { return false }
        guard names < count else { throw .damaged }
        let strings = try content(of: names)
        for index in 0..<count {
            let name = try file.number(table + index * entrySize, 4)
            let end = min(strings.count, name + prefix.utf8.count)
            guard name < end else { continue }
            let start = strings.lowerBound + name
            if try file.text(0, in: start..<(strings.lowerBound + end), limit: prefix.utf8.count) == prefix {
                return true
            }
        }
        return false
    }

    private func content(of index: Int) throws(ELFImage.Problem) -> Range<Int> {
        let section = table + index * entrySize
        return try file.range(file.number(section + 24, 8), file.number(section + 32, 8))
    }
}
