@testable import TalonHTTP

/// What must hold for whatever head a client of HTTP/2 sends: what the front writes of it is one head of HTTP/1.1, or is
/// refused, whatever limits the server's parser has.
enum TranslationInvariants {
    /// `input`: the first byte says whether a body follows; then fields, each a byte for the size of the name, one for that
    /// of the value, and both. A size of 200 and more stands for a known name.
    static func violation(_ input: [UInt8]) -> String? {
        guard let first = input.first else { return nil }
        let hasBody = first & 1 == 1
        var request = StreamRequest(sizeLimit: 100_000)
        if first & 2 == 0 { for (name, value) in usual { request.add(name: name.span, value: value.span) } }
        let fields = fields(input.dropFirst())
        for (name, value) in fields { request.add(name: name.span, value: value.span) }
        guard let head = request.head(hasBody: hasBody) else { return request.rejection == nil ? "no reason" : nil }
        var parsed = RequestHead()
        var parser = RequestParser()
        switch parser.parse(head.span, limits: HTTPLimits(underscoredNames: .keep), into: &parsed) {
        case .incomplete: return "the head does not end"
        // It has its own rules for methods, targets and hosts.
        case .rejected: return nil
        case .complete: break
        }
        guard parsed.byteCount == head.count else { return "another request follows" }
        switch parsed.framing {
        case .chunked where !request.isChunked, .none where request.isChunked, .length where request.isChunked:
            return "another framing"
        case .length where !hasBody: return "a body that will not come"
        default: break
        }
        if parsed.isHead != request.isHead { return "HEAD or not" }
        let cookies = fields.count { String(decoding: $0.name, as: UTF8.self) == "cookie" }
        let hosts = fields.count { String(decoding: $0.name, as: UTF8.self) == "host" }
        let pseudo = fields.count { $0.name.first == 0x3A }
        let expected = fields.count - pseudo - max(0, cookies - 1) - hosts + 1 + (request.isChunked ? 1 : 0)
        return parsed.fields.count == expected ? nil : "\(parsed.fields.count) fields of \(expected)"
    }

    private static let usual: [(name: [UInt8], value: [UInt8])] = [
        (":method", "POST"), (":scheme", "https"), (":path", "/p?q"), (":authority", "host"),
    ].map { (Array($0.utf8), Array($1.utf8)) }

    private static let known = [
        ":method", ":scheme", ":path", ":authority", ":protocol", "host", "cookie", "content-length", "te",
        "connection",
        "transfer-encoding", "expect", "content-type", "upgrade", "keep-alive", "x-name",
    ].map { Array($0.utf8) }

    private static func fields(_ input: ArraySlice<UInt8>) -> [(name: [UInt8], value: [UInt8])] {
        var fields: [(name: [UInt8], value: [UInt8])] = []
        var rest = input
        while let nameSize = rest.popFirst(), let valueSize = rest.popFirst() {
            var name = known[Int(nameSize) % known.count]
            if nameSize < 200 {
                name = Array(rest.prefix(Int(nameSize)))
                rest = rest.dropFirst(Int(nameSize))
            }
            fields.append((name, Array(rest.prefix(Int(valueSize)))))
            rest = rest.dropFirst(Int(valueSize))
        }
        return fields
    }
}
