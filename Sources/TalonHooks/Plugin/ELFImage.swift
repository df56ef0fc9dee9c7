/// The exported functions of a shared object, read from its bytes without running it; elf(5).
///
/// The bytes are hostile: every offset is checked.
struct ELFImage {
    enum Problem: Error {
        case notELF
        case notSharedObject
        case wrongMachine(UInt16)
        case damaged
    }

    /// Names of the functions that it defines and exports.
    private(set) var exports: Set<String> = []

    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) throws(Problem) {
        self.bytes = bytes
        guard bytes.count >= 64, bytes.starts(with: [0x7f, 0x45, 0x4c, 0x46]) else { throw .notELF }
        // 64 bit, little endian, current version: all that Talon runs on.
        guard bytes[4] == 2, bytes[5] == 1, bytes[6] == 1 else { throw .wrongMachine(UInt16(try number(18, 2))) }
        let machine = UInt16(try number(18, 2))
        guard machine == ELFImage.hostMachine else { throw .wrongMachine(machine) }
        guard try number(16, 2) == 3 else { throw .notSharedObject }  // ET_DYN
        try readDynamicSymbols()
    }

    /// The machine number of this build.
    static var hostMachine: UInt16 {
        #if arch(x86_64)
        62
        #elseif arch(arm64)
        183
        #else
        0
        #endif
    }

    private mutating func readDynamicSymbols() throws(Problem) {
        let table = try number(40, 8)
        let entrySize = try number(58, 2)
        let count = try number(60, 2)
        guard entrySize >= 64, try sum(table, product(count, entrySize)) <= bytes.count else { throw .damaged }
        for index in 0..<count {
            let section = table + index * entrySize
            guard try number(section + 4, 4) == 11 else { continue }  // SHT_DYNSYM
            let link = try number(section + 40, 4)
            guard link < count else { throw .damaged }
            let strings = table + link * entrySize
            // There is one at most; a file with thousands is out to keep the reader busy.
            return try readSymbols(
                at: number(section + 24, 8), size: number(section + 32, 8),
                strings: number(strings + 24, 8), stringsSize: number(strings + 32, 8))
        }
    }

    private mutating func readSymbols(at start: Int, size: Int, strings: Int, stringsSize: Int) throws(Problem) {
        let entry = 24
        guard try sum(start, size) <= bytes.count, try sum(strings, stringsSize) <= bytes.count else { throw .damaged }
        for index in 0..<(size / entry) {
            let symbol = start + index * entry
            let information = bytes[symbol + 4]
            let isFunction = information & 0xf == 2
            let isGlobal = information >> 4 == 1 || information >> 4 == 2
            guard isFunction, isGlobal, try number(symbol + 6, 2) != 0 else { continue }  // 0: imported
            let name = try number(symbol, 4)
            guard name < stringsSize else { throw .damaged }
            let text = bytes[(strings + name)..<(strings + stringsSize)].prefix { $0 != 0 }
            exports.insert(String(decoding: text, as: UTF8.self))
        }
    }

    /// A little endian number at `offset`. One that does not fit an Int is damage.
    private func number(_ offset: Int, _ size: Int) throws(Problem) -> Int {
        guard offset >= 0, offset <= bytes.count - size else { throw .damaged }
        var value: UInt64 = 0
        for index in 0..<size { value |= UInt64(bytes[offset + index]) << UInt64(8 * index) }
        guard let result = Int(exactly: value) else { throw .damaged }
        return result
    }

    private func sum(_ left: Int, _ right: Int) throws(Problem) -> Int {
        let (value, overflow) = left.addingReportingOverflow(right)
        guard !overflow else { throw .damaged }
        return value
    }

    private func product(_ left: Int, _ right: Int) throws(Problem) -> Int {
        let (value, overflow) = left.multipliedReportingOverflow(by: right)
        guard !overflow else { throw .damaged }
        return value
    }
}
