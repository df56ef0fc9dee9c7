import TalonPlatform

/// The setting `access_log_format`, compiled once.
///
/// The syntax is that of Python's `%` with names: `%(h)s`, `%({x-id}i)s`, `%%`. Flags and widths between the
/// parenthesis and the letter are accepted and have no effect.
package struct AccessLogFormat: Sendable {
    /// gunicorn's default, which is the "combined" format of Apache.
    package static let standard = #"%(h)s %(l)s %(u)s %(t)s "%(r)s" %(s)s %(b)s "%(f)s" "%(a)s""#

    static let referer = Array("referer".utf8)
    static let userAgent = Array("user-agent".utf8)
    static let authorization = Array("authorization".utf8)

    let atoms: [AccessAtom]
    /// The names of `{name}e`, as they are written.
    let variables: [String]

    var showsResponse: Bool {
        atoms.contains { if case .responseField = $0 { true } else { false } }
    }

    /// Compiles a format.
    ///
    /// A `%` that begins nothing stands for itself.
    package init(_ format: String = standard) {
        var atoms: [AccessAtom] = []
        var variables: [String] = []
        var literal: [UInt8] = []
        var rest = Substring(format).utf8
        while let byte = rest.popFirst() {
            if byte == Byte.percent, let name = Self.name(&rest) {
                if !literal.isEmpty { atoms.append(.literal(literal)) }
                literal = []
                let atom = AccessAtom(named: name)
                atoms.append(atom)
                if case .variable = atom {
                    variables.append(String(decoding: name.dropFirst().dropLast(2), as: UTF8.self))
                }
            } else {
                // "%%" is one.
                if byte == Byte.percent, rest.first == Byte.percent { rest.removeFirst() }
                literal.append(byte)
            }
        }
        if !literal.isEmpty { atoms.append(.literal(literal)) }
        self.atoms = atoms
        self.variables = variables
    }

    /// The name in `(name)`, flags, a letter; nil if the text is something else, which is then left alone.
    private static func name(_ rest: inout Substring.UTF8View) -> Substring.UTF8View? {
        guard rest.first == UInt8(ascii: "("), let close = rest.firstIndex(of: UInt8(ascii: ")")) else { return nil }
        let name = rest[rest.index(after: rest.startIndex)..<close]
        var tail = rest[rest.index(after: close)...]
        while let byte = tail.popFirst() {
            if byte &- Byte.zero < 10 || "-+ #.".utf8.contains(byte) { continue }
            guard byte | 0x20 &- 0x61 < 26 else { return nil }
            rest = tail
            return name
        }
        return nil
    }

    /// Appends one line without a line end. `time` is as it is to stand in the line; the others as for ``AccessLine``.
    func render(
        _ record: AccessRecord, time: [UInt8], head: RequestHead, request: Span<UInt8>, response: Span<UInt8>,
        into out: inout [UInt8]
    ) {
        for atom in atoms {
            switch atom {
            case .literal(let text): out.append(contentsOf: text)
            case .time: out.append(contentsOf: time)
            case .responseField(let name):
                let value = Self.field(name, ofHead: response) ?? .empty
                out.append(logged: response.extracting(value.range))
            case .variable(let name, let other):
                if let value = record.variables.value(of: name) {
                    out.append(logged: record.variables.bytes.span.extracting(value.range))
                } else if !Self.append(other, record, into: &out) {
                    Self.append(other, head, request, into: &out)
                }
            default:
                if !Self.append(atom, record, into: &out) { Self.append(atom, head, request, into: &out) }
            }
        }
    }

    /// The atoms that are parts of the record; false: it is none.
    private static func append(_ atom: AccessAtom, _ record: AccessRecord, into out: inout [UInt8]) -> Bool {
        switch atom {
        case .remoteAddress:
            if let address = record.remoteAddress, address.count > 0 { out.append(address) } else { out.append(0x2D) }
        case .status: out.append(decimal: Int64(record.status))
        case .bodyBytes: out.append(decimal: record.bodyBytes)
        case .seconds: out.append(decimal: record.microseconds / 1_000_000)
        case .milliseconds: out.append(decimal: record.microseconds / 1000)
        case .microseconds: out.append(decimal: record.microseconds)
        case .decimalSeconds: out.append(seconds: record.microseconds)
        case .processID:
            out.append(literal: "<")
            out.append(decimal: Int64(record.processID))
            out.append(literal: ">")
        default: return false
        }
        return true
    }

    /// The atoms that are parts of the request.
    private static func append(
        _ atom: AccessAtom, _ head: RequestHead, _ request: Span<UInt8>, into out: inout [UInt8]
    ) {
        switch atom {
        case .requestLine where head.method.isEmpty: out.append(0x2D)
        case .requestLine:
            out.append(logged: request.extracting(head.method.range))
            out.append(Byte.space)
            out.append(logged: request.extracting(head.target.range))
            out.append(Byte.space)
            appendVersion(head, into: &out)
        case .method: out.append(logged: request.extracting(head.method.range))
        case .rawTarget: out.append(logged: request.extracting(head.target.range))
        case .path: out.append(loggedPath: request.extracting(head.path.range))
        // gunicorn prints nothing for an empty query.
        case .query: if !head.query.isEmpty { out.append(logged: request.extracting(head.query.range)) }
        case .version: appendVersion(head, into: &out)
        case .referer: appendField(referer, head, request, into: &out)
        case .userAgent: appendField(userAgent, head, request, into: &out)
        case .user:
            let value = head.value(of: authorization, in: request) ?? .empty
            BasicUser.append(request.extracting(value.range), into: &out)
        case .requestField(let name): appendField(name, head, request, into: &out)
        default: out.append(0x2D)
        }
    }

    static func appendVersion(_ head: RequestHead, into out: inout [UInt8]) {
        guard let other = head.otherVersion else {
            return out.append(literal: head.versionMinor == 0 ? "HTTP/1.0" : "HTTP/1.1")
        }
        out.append(literal: "HTTP/")
        out.append(decimal: Int64(other.major))
        out.append(0x2E)
        out.append(decimal: Int64(other.minor))
    }

    private static func appendField(
        _ name: [UInt8], _ head: RequestHead, _ request: Span<UInt8>, into out: inout [UInt8]
    ) {
        out.append(logged: request.extracting((head.value(of: name, in: request) ?? .empty).range))
    }

    /// The value of a field of an encoded head: its lines are ours, so the form `name: value` CRLF is certain.
    static func field(_ name: [UInt8], ofHead response: Span<UInt8>) -> ByteRange? {
        var start = 0
        while start < response.count {
            var end = start
            while end < response.count, response[end] != Byte.carriageReturn { end += 1 }
            if end == start { return nil }
            let colon = start + name.count
            if colon < end, response[colon] == Byte.colon, response.matches(name, ByteRange(start, colon)) {
                return response.trimmed(colon + 1, end)
            }
            start = end + 2
        }
        return nil
    }
}
