/// A file's contents in bytes: as the program that reads YAML tells them to the master.
extension ConfigurationFile {
    private static let mark = "talon configuration 1"

    package var encoded: [UInt8] {
        var writer = ByteWriter()
        writer.put(ConfigurationFile.mark)
        writer.put(path ?? "")
        writer.put(UInt32(entries.count))
        for entry in entries {
            writer.put(entry.name)
            writer.put(entry.place)
            entry.value.write(to: &writer)
        }
        writer.put(UInt32(environment.count))
        for change in environment {
            writer.put(change.name)
            writer.put(UInt32(change.value == nil ? 0 : 1))
            writer.put(change.value ?? "")
        }
        return writer.bytes
    }

    /// Reads what ``encoded`` made.
    package init(decoding bytes: [UInt8]) throws(ByteReader.Truncated) {
        var reader = ByteReader(bytes)
        guard try reader.text() == ConfigurationFile.mark else { throw ByteReader.Truncated() }
        self.init()
        let name = try reader.text()
        path = name.isEmpty ? nil : name
        for _ in 0..<(try reader.number32()) {
            let name = try reader.text()
            let place = try reader.text()
            entries.append(Entry(name: name, value: try ConfigurationValue(from: &reader, depth: 0), place: place))
        }
        for _ in 0..<(try reader.number32()) {
            let name = try reader.text()
            let isSet = try reader.number32() == 1
            let value = try reader.text()
            environment.append((name, isSet ? value : nil))
        }
        guard reader.isAtEnd else { throw ByteReader.Truncated() }
    }
}

extension ConfigurationValue {
    /// A value that nests deeper is nonsense, and must not exhaust the stack.
    private static let depthLimit = 64

    fileprivate func write(to writer: inout ByteWriter) {
        switch self {
        case .none: writer.put(UInt32(0))
        case .truth(let truth):
            writer.put(UInt32(1))
            writer.put(UInt32(truth ? 1 : 0))
        case .number(let number):
            writer.put(UInt32(2))
            writer.put(UInt64(bitPattern: Int64(number)))
        case .real(let real):
            writer.put(UInt32(3))
            writer.put(real.bitPattern)
        case .text(let text):
            writer.put(UInt32(4))
            writer.put(text)
        case .list(let items):
            writer.put(UInt32(5))
            writer.put(UInt32(items.count))
            for item in items { item.write(to: &writer) }
        case .table(let pairs):
            writer.put(UInt32(6))
            writer.put(UInt32(pairs.count))
            for pair in pairs {
                writer.put(pair.name)
                pair.value.write(to: &writer)
            }
        }
    }

    fileprivate init(from reader: inout ByteReader, depth: Int) throws(ByteReader.Truncated) {
        guard depth < ConfigurationValue.depthLimit else { throw ByteReader.Truncated() }
        switch try reader.number32() {
        case 0: self = .none
        case 1: self = .truth(try reader.number32() == 1)
        case 2: self = .number(Int(Int64(bitPattern: try reader.number64())))
        case 3: self = .real(Double(bitPattern: try reader.number64()))
        case 4: self = .text(try reader.text())
        case 5:
            var items: [ConfigurationValue] = []
            for _ in 0..<(try reader.number32()) {
                items.append(try ConfigurationValue(from: &reader, depth: depth + 1))
            }
            self = .list(items)
        case 6:
            var pairs: [Pair] = []
            for _ in 0..<(try reader.number32()) {
                let name = try reader.text()
                pairs.append(Pair(name: name, value: try ConfigurationValue(from: &reader, depth: depth + 1)))
            }
            self = .table(pairs)
        default: throw ByteReader.Truncated()
        }
    }
}
