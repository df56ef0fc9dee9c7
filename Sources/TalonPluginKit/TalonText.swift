import CTalonPlugin

/// TALON_HAS: whether a struct of that `struct_size` was made by someone who knows the field.
func has<Facts, Field>(_ field: KeyPath<Facts, Field>, size: UInt32) -> Bool {
    guard let offset = MemoryLayout<Facts>.offset(of: field) else { return false }
    return Int(size) >= offset + MemoryLayout<Field>.size
}

extension String {
    /// A copy of the host's text.
    init(copying text: talon_str) {
        self = String(copyingIfAny: text) ?? ""
    }

    /// A copy of the host's text; nil if there is none.
    init?(copyingIfAny text: talon_str) {
        guard let data = text.data else { return nil }
        self.init(decoding: UnsafeRawBufferPointer(start: data, count: text.size), as: UTF8.self)
    }

    /// The text as the host takes it, for as long as `body` runs.
    func withTalonString<Result>(_ body: (talon_str) -> Result) -> Result {
        var copy = self
        return copy.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { body(talon_str(data: $0.baseAddress, size: $0.count)) }
        }
    }
}

/// Names and values as the host takes them, for as long as `body` runs.
func withTalonFields<Result>(
    _ fields: KeyValuePairs<String, String>, _ body: (UnsafePointer<talon_field>?, Int) -> Result
) -> Result {
    guard !fields.isEmpty else { return body(nil, 0) }
    // All texts one after the other; the byte at the end gives an empty text a place too.
    var bytes: [CChar] = []
    for (key, value) in fields {
        bytes += key.utf8.map { CChar(bitPattern: $0) }
        bytes += value.utf8.map { CChar(bitPattern: $0) }
    }
    bytes.append(0)
    return bytes.withUnsafeBufferPointer { bytes in
        var place = bytes.baseAddress
        func next(_ text: String) -> talon_str {
            let size = text.utf8.count
            defer { place = place?.advanced(by: size) }
            return talon_str(data: place, size: size)
        }
        let list = fields.map { talon_field(key: next($0.key), value: next($0.value)) }
        return list.withUnsafeBufferPointer { body($0.baseAddress, $0.count) }
    }
}
