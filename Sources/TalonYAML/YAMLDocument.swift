import Yams

/// Reads one YAML document, from anybody, into values; the only place that knows the YAML library.
///
/// Refused are what our files have no use for and an attacker has: anchors, aliases, tags, a second document, keys that
/// are no texts, deep nesting, NUL. The library itself refuses more than some 2000 levels.
package struct YAMLDocument {
    /// In bytes.
    package static let sizeLimit = 256 << 10
    package static let depthLimit = 16
    /// The most aliases that the library may resolve before they are refused: it compares keys by their whole content,
    /// which aliases of aliases can make exponentially large.
    private static let aliasLimit = 8
    private static let tooDeep = "is nested more than \(depthLimit) levels deep"
    private static let noAliases = "anchors and aliases (&name, *name) are not understood; write the value itself"

    private let file: String
    private let lineCount: Int

    /// `help` is what to write into a document that is empty.
    package static func parse(
        _ bytes: [UInt8], file: String, help: String = "write at least schema, id and version"
    ) throws(YAMLError) -> YAMLValue {
        let start = YAMLPlace(file: file, line: 1, field: "YAML")
        guard bytes.count <= sizeLimit else {
            throw start.error("is \(bytes.count) bytes long; \(sizeLimit) are allowed")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            let line = lineOfInvalidText(bytes)
            throw YAMLPlace(file: file, line: line, field: "YAML").error(
                "is not valid UTF-8; save the file as UTF-8")
        }
        let document = YAMLDocument(file: file, lineCount: YAMLLines.count(text))
        if let line = lineOfManyAliases(bytes) { throw document.place(line).error(noAliases) }
        return try document.parse(text, help)
    }

    private func parse(_ text: String, _ help: String) throws(YAMLError) -> YAMLValue {
        let parser: Parser
        let root: Node?
        do {
            // The library keeps a pointer to the text's storage, and a String of up to 15 bytes has none.
            let padded = text.utf8.count < 16 ? text + "\n#               " : text
            parser = try Parser(yaml: padded, resolver: .basic, encoding: .utf8)
            root = try parser.singleRoot()
        } catch {
            throw describe(error)
        }
        guard let root else { throw place(1).error("is empty; \(help)") }
        // A node's anchor lives as long as the parser.
        return try withExtendedLifetime(parser) { () throws(YAMLError) in try value(root, depth: 1) }
    }

    /// The library finds the end of a text in a line that is not there.
    private func place(_ line: Int?) -> YAMLPlace {
        YAMLPlace(file: file, line: max(1, min(line ?? 1, lineCount)), field: "YAML")
    }

    private func value(_ node: Node, depth: Int) throws(YAMLError) -> YAMLValue {
        let here = place(node.mark?.line)
        guard node.anchor == nil else { throw here.error(YAMLDocument.noAliases) }
        guard depth <= YAMLDocument.depthLimit else { throw here.error(YAMLDocument.tooDeep) }
        switch node {
        case .scalar(let scalar):
            try check(scalar.tag, standard: .str, here)
            guard !scalar.string.utf8.contains(0) else { throw here.error("a text holds a NUL; leave it out") }
            let isNothing = scalar.style == .plain && ["", "~", "null"].contains(scalar.string)
            return YAMLValue(content: isNothing ? .nothing : .text(scalar.string), line: here.line)
        case .sequence(let sequence):
            try check(sequence.tag, standard: .seq, here)
            var list: [YAMLValue] = []
            for element in sequence { list.append(try value(element, depth: depth + 1)) }
            return YAMLValue(content: .list(list), line: here.line)
        case .mapping(let mapping):
            try check(mapping.tag, standard: .map, here)
            var entries: [YAMLValue.Entry] = []
            for (key, element) in mapping {
                let read = try value(key, depth: depth + 1)
                guard case .text(let name) = read.content else {
                    throw place(read.line).error("a key is \(read.kind); a key must be a text")
                }
                entries.append(.init(key: name, line: read.line, value: try value(element, depth: depth + 1)))
            }
            return YAMLValue(content: .mapping(entries), line: here.line)
        case .alias:
            throw here.error(YAMLDocument.noAliases)
        }
    }

    private func check(_ tag: Tag, standard: Tag.Name, _ place: YAMLPlace) throws(YAMLError) {
        guard tag.rawValue.isEmpty || tag.rawValue == standard.rawValue else {
            throw place.error("the tag \(quoted(tag.rawValue)) is not understood; leave it out")
        }
    }

    private func describe(_ error: any Error) -> YAMLError {
        let help = "check the indentation, quotes and brackets"
        switch error as? YamlError {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _):
            let here = place(mark.line)
            if problem.hasPrefix("Maximum nesting") { return here.error(YAMLDocument.tooDeep) }
            let frame = context.map { " (\($0.text) in line \(place($0.mark.line).line))" } ?? ""
            return here.error("\(problem)\(frame); \(help)")
        case .composer(_, let problem, let mark, _):
            let isAlias = problem.contains("alias")
            return place(mark.line).error(
                isAlias ? YAMLDocument.noAliases : "holds a second document; only one is allowed")
        case .duplicatedKeysInMapping(let keys, let context):
            var twice = place(context.mark.line)
            twice.field = keys.first.map { String(quoted($0).dropFirst().dropLast()) } ?? twice.field
            return twice.error("is there twice, here first; leave one out")
        case .reader(let problem, let offset, _, let yaml):
            let line = YAMLLines.count(String(yaml.prefix((offset ?? 0) + 1)))
            return place(line).error("\(problem); leave the character out")
        default:
            return place(1).error("cannot be read as YAML; \(help)")
        }
    }

    private static func lineOfInvalidText(_ bytes: [UInt8]) -> Int {
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        var line = 1
        while case .scalarValue(let scalar) = decoder.decode(&iterator) {
            if scalar == "\n" { line += 1 }
        }
        return line
    }

    /// The line of the first possible anchor, if there may be anchors and many aliases. "&" and "*" in texts count too:
    /// this only bounds the work, and what stays is refused by the exact rule.
    private static func lineOfManyAliases(_ bytes: [UInt8]) -> Int? {
        var line = 1
        var anchor: Int?
        var aliases = 0
        var previous = UInt8(ascii: "\n")
        for (byte, next) in zip(bytes, bytes.dropFirst()) {
            if byte == UInt8(ascii: "\n") { line += 1 }
            if isNameByte(next) || next == UInt8(ascii: "-"), !isNameByte(previous) {
                if byte == UInt8(ascii: "*") { aliases += 1 }
                if byte == UInt8(ascii: "&"), anchor == nil { anchor = line }
            }
            previous = byte
        }
        return aliases > aliasLimit ? anchor : nil
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
