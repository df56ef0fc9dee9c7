/// Variables that an application states of its request for the access log: names and values in one buffer, which is
/// kept from request to request.
package struct RequestVariables: Sendable {
    /// Each name and each value, ended by a zero.
    private(set) var bytes: [UInt8] = []
    private var count = 0

    package init() {}

    private static let countLimit = 16
    private static let byteLimit = 4096

    mutating func reset() {
        guard count > 0 else { return }
        bytes.removeAll(keepingCapacity: true)
        count = 0
    }

    /// The last word of a name counts. What has a zero in it, or is more than the limits allow, is left out.
    package mutating func state(_ name: Span<UInt8>, _ value: Span<UInt8>) {
        guard count < RequestVariables.countLimit, name.count > 0,
            bytes.count + name.count + value.count + 2 <= RequestVariables.byteLimit,
            !RequestVariables.hasZero(name), !RequestVariables.hasZero(value)
        else { return }
        bytes.append(name)
        bytes.append(0)
        bytes.append(value)
        bytes.append(0)
        count += 1
    }

    private static func hasZero(_ text: Span<UInt8>) -> Bool {
        for index in text.indices where text[index] == 0 { return true }
        return false
    }

    /// Where in ``bytes`` the value is; nil if nobody has stated it. `name` is given in lower case, and any matches.
    func value(of name: [UInt8]) -> ByteRange? {
        var found: ByteRange?
        var start = 0
        for _ in 0..<count {
            let nameEnd = end(from: start)
            let valueEnd = end(from: nameEnd + 1)
            if bytes.span.matches(name, ByteRange(start, nameEnd)) { found = ByteRange(nameEnd + 1, valueEnd) }
            start = valueEnd + 1
        }
        return found
    }

    private func end(from start: Int) -> Int {
        var end = start
        while end < bytes.count, bytes[end] != 0 { end += 1 }
        return end
    }
}
