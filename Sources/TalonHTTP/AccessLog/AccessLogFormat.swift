/// The setting `access_log_format`, compiled once.
///
/// The syntax is that of Python's `%` with names: `%(h)s`, `%({x-id}i)s`, `%%`. Flags and widths between the
/// parenthesis and the letter are accepted and have no effect.
package struct AccessLogFormat: Sendable {
    /// gunicorn's default, which is the "combined" format of Apache.
    package static let standard = #"%(h)s %(l)s %(u)s %(t)s "%(r)s" %(s)s %(b)s "%(f)s" "%(a)s""#

    private static let referer = Array("referer".utf8)
    private static let userAgent = Array("user-agent".utf8)
    private static let authorization = Array("authorization".utf8)

    let atoms: [AccessAtom]

    /// Compiles a format.
    ///
    /// A `%` that begins nothing stands for itself.
    package init(_ format: String = standard) {
        var atoms: [AccessAtom] = []
        var literal: [UInt8] = []
        var rest = Substring(format).utf8
        while let byte = rest.popFirst() {
            if byte == Byte.percent, let atom = Self.atom(&rest) {
                if !literal.isEmpty { atoms.append(.literal(literal)) }
                literal = []
                atoms.append(atom)
            } else {
                // "%%" is one.
                if byte == Byte.percent, rest.first == Byte.percent { rest.removeFirst() }
                literal.append(byte)
            }
        }
        if !literal.isEmpty { atoms.append(.literal(literal)) }
        self.atoms = atoms
    }

    /// `(name)`, flags, a letter; nil if the text is something else, which is then left alone.
    private static func atom(_ rest: inout Substring.UTF8View) -> AccessAtom? {
        guard rest.first == UInt8(ascii: "("), let close = rest.firstIndex(of: UInt8(ascii: ")")) else { return nil }
        let name = rest[rest.index(after: rest.startIndex)..<close]
        var tail = rest[rest.index(after: close)...]
        while let byte = tail.popFirst() {
            if byte &- Byte.zero < 10 || "-+ #.".utf8.contains(byte) { continue }
            guard byte | 0x20 &- 0x61 < 26 else { return nil }
            rest = tail
            return AccessAtom(named: name)
        }
        return nil
    }

    /// Appends one line without a line end.
    ///
    /// - Parameters:
    ///   - head: of the request; what is empty in it prints `-`.
    ///   - request: the read buffer that `head` is about.
    ///   - response: the head of the response as it was written, for `{name}o`.
    package func render(
        _ record: AccessRecord, head: RequestHead, request: Span<UInt8>, response: Span<UInt8>,
        into out: inout [UInt8]
    ) {
        for atom in atoms {
            switch atom {
            case .literal(let text): out.append(contentsOf: text)
            case .remoteAddress: out.append(logged: record.remoteAddress.span)
            case .time: out.append(contentsOf: record.time)
            case .status: out.append(decimal: Int64(record.status))
            case .bodyBytes: out.append(decimal: record.bodyBytes)
            case .seconds: out.append(decimal: record.microseconds / 1_000_000)
            case .milliseconds: out.append(decimal: record.microseconds / 1000)
            case .microseconds: out.append(decimal: record.microseconds)
            case .decimalSeconds:
                out.append(decimal: record.microseconds / 1_000_000)
                out.append(0x2E)
                out.append(decimal: record.microseconds % 1_000_000, width: 6)
            case .processID:
                out.append(literal: "<")
                out.append(decimal: Int64(record.processID))
                out.append(literal: ">")
            case .responseField(let name): Self.appendField(name, ofHead: response, into: &out)
            case .missing: out.append(0x2D)
            default: Self.append(atom, head, request, into: &out)
            }
        }
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

    private static func appendVersion(_ head: RequestHead, into out: inout [UInt8]) {
        out.append(literal: head.versionMinor == 0 ? "HTTP/1.0" : "HTTP/1.1")
    }

    private static func appendField(
        _ name: [UInt8], _ head: RequestHead, _ request: Span<UInt8>, into out: inout [UInt8]
    ) {
        out.append(logged: request.extracting((head.value(of: name, in: request) ?? .empty).range))
    }

    /// A field of an encoded head: its lines are ours, so the form `name: value` CRLF is certain.
    private static func appendField(_ name: [UInt8], ofHead response: Span<UInt8>, into out: inout [UInt8]) {
        var start = 0
        while start < response.count {
            var end = start
            while end < response.count, response[end] != Byte.carriageReturn { end += 1 }
            let colon = start + name.count
            if colon < end, response[colon] == Byte.colon, response.matches(name, ByteRange(start, colon)) {
                out.append(logged: response.extracting(response.trimmed(colon + 1, end).range))
                return
            }
            start = end + 2
        }
        out.append(0x2D)
    }
}
