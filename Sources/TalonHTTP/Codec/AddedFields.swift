/// Fields that are added to a response beside those of the application, which has not stated its head yet.
struct AddedFields {
    /// As they will be sent; the storage is used again for each response.
    private var lines: [UInt8] = []
    private var count = 0

    /// More fields, and more bytes of them, nobody may add to one response.
    private static let limit = 16
    private static let byteLimit = 16384

    mutating func reset() {
        guard count > 0 else { return }
        lines.removeAll(keepingCapacity: true)
        count = 0
    }

    /// False, and nothing is added, if it is invalid, one too many, or a field that is not for others to state.
    mutating func append(name: Span<UInt8>, value: Span<UInt8>) -> Bool {
        guard count < AddedFields.limit, lines.count + name.count + value.count <= AddedFields.byteLimit else {
            return false
        }
        var head = ResponseHead()
        // A length is kept by the head and not written: it is the framing's, not a field among others.
        guard head.append(name: name, value: value, into: &lines) == .kept, head.contentLength == nil else {
            return false
        }
        count += 1
        return true
    }

    func write(into out: inout [UInt8]) {
        guard count > 0 else { return }
        out.append(contentsOf: lines)
    }
}
