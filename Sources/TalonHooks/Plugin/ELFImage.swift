/// What can be known of a shared object from its bytes, without running it; elf(5).
///
/// The bytes are hostile: every offset is checked, and no count in them makes the reader work for long.
struct ELFImage {
    enum Problem: Error {
        case notELF
        case notSharedObject
        case wrongMachine(UInt16)
        case damaged
    }

    /// Names of the functions that it defines and exports.
    private(set) var exports: Set<String> = []
    /// The libraries that it needs, by name: DT_NEEDED.
    private(set) var needed: [String] = []
    /// The name by which others need it: DT_SONAME.
    private(set) var soname: String?
    /// It has code or data for the Swift runtime.
    private(set) var hasSwiftSections = false
    /// It has the functions of a Swift runtime in it, exported or not.
    private(set) var definesSwiftRuntime = false

    private let file: ELFBytes

    init(_ bytes: [UInt8]) throws(Problem) {
        file = ELFBytes(bytes)
        guard bytes.count >= 64, bytes.starts(with: [0x7f, 0x45, 0x4c, 0x46]) else { throw .notELF }
        // 64 bit, little endian, current version: all that Talon runs on.
        guard bytes[4] == 2, bytes[5] == 1, bytes[6] == 1 else { throw .wrongMachine(UInt16(try file.number(18, 2))) }
        let machine = UInt16(try file.number(18, 2))
        guard machine == ELFImage.hostMachine else { throw .wrongMachine(machine) }
        guard try file.number(16, 2) == 3 else { throw .notSharedObject }  // ET_DYN
        let sections = try ELFSections(file)
        try sections.check()
        // There is one of each at most; a file with thousands is out to keep the reader busy.
        if let dynamic = try sections.table(ofType: 11) {  // SHT_DYNSYM
            exports = try symbols(dynamic) { $0.isDefinedFunction && $0.isGlobal }
        }
        hasSwiftSections = try sections.contains(prefix: "swift5_")
        definesSwiftRuntime = exports.contains(ELFImage.runtimeFunction)
        if !definesSwiftRuntime, let all = try sections.table(ofType: 2) {  // SHT_SYMTAB
            definesSwiftRuntime = try has(function: ELFImage.runtimeFunction, in: all)
        }
        let dynamic = try ELFDynamic(file)
        needed = dynamic.needed
        soname = dynamic.soname
    }

    /// A function that every Swift runtime has, and nothing else.
    private static let runtimeFunction = "swift_retain"

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

    private struct Symbol {
        let name: Int
        let information: UInt8
        let section: Int

        /// A function, perhaps one that is chosen when it is loaded (STT_GNU_IFUNC). Section 0: imported.
        var isDefinedFunction: Bool { [2, 10].contains(information & 0xf) && section != 0 }
        var isGlobal: Bool { information >> 4 == 1 || information >> 4 == 2 }
    }

    /// More symbols than any library has.
    private static let symbolLimit = 1 << 20

    private func each(_ table: ELFSections.Table, _ body: (Symbol) throws(Problem) -> Void) throws(Problem) {
        guard table.size / 24 <= ELFImage.symbolLimit else { throw .damaged }
        for index in 0..<(table.size / 24) {
            let place = table.start + index * 24
            try body(
                Symbol(
                    name: try file.number(place, 4), information: UInt8(try file.number(place + 4, 1)),
                    section: try file.number(place + 6, 2)))
        }
    }

    private func symbols(
        _ table: ELFSections.Table, where isWanted: (Symbol) -> Bool
    ) throws(Problem) -> Set<String> {
        var names: Set<String> = []
        try each(table) { (symbol) throws(Problem) in
            guard isWanted(symbol) else { return }
            // A name that is too long is no name of a hook, and of nothing that a manifest can ask for.
            if let name = try file.text(symbol.name, in: table.strings, limit: 512) { names.insert(name) }
        }
        return names
    }

    private func has(function name: String, in table: ELFSections.Table) throws(Problem) -> Bool {
        var found = false
        try each(table) { (symbol) throws(Problem) in
            guard !found, symbol.isDefinedFunction else { return }
            found = try file.text(symbol.name, in: table.strings, limit: name.utf8.count) == name
        }
        return found
    }
}
