/// Bytes in, responses out.
///
/// Strict where a server could be wrong: framing and line ends.
struct ResponseReader {
    private var bytes: [UInt8] = []
    private var method = "GET"

    var isEmpty: Bool { bytes.isEmpty }
    var pendingText: String { String(decoding: bytes.prefix(2000), as: UTF8.self) }

    mutating func begin(method: String) {
        self.method = method
    }

    mutating func append(_ more: [UInt8]) {
        bytes += more
    }

    /// The next whole response; nil when more bytes are needed.
    mutating func next() throws -> HTTPResponse? {
        guard let head = try Head(bytes) else { return nil }
        var parser = BodyParser(bytes, from: head.end)
        let complete: Bool
        switch head.framing(method) {
        case .none: complete = true
        case .length(let count): complete = parser.take(count)
        case .chunked: complete = try parser.takeChunks()
        case .untilClose: return nil
        }
        guard complete else { return nil }
        bytes.removeFirst(parser.position)
        return head.response(parser.body, parser.chunks)
    }

    /// The response that the end of the connection completes, if that is its framing.
    mutating func finish() -> HTTPResponse? {
        guard let head = try? Head(bytes), head.framing(method) == .untilClose else { return nil }
        defer { bytes = [] }
        return head.response(Array(bytes[head.end...]), [])
    }
}

private enum Framing: Equatable {
    case none
    case length(Int)
    case chunked
    case untilClose
}

private struct Head {
    let version: String
    let status: Int
    let reason: String
    let headers: [(name: String, value: String)]
    let end: Int

    init?(_ bytes: [UInt8]) throws {
        guard let end = bytes.firstRange(of: [13, 10, 13, 10]) else {
            if bytes.count > 1 << 20 { throw HTTPFailure.malformed("a head of more than 1 MiB") }
            return nil
        }
        let text = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
        let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
        let parts = lines[0].split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count >= 2, parts[0].hasPrefix("HTTP/1."), parts[1].utf8.count == 3, let status = Int(parts[1])
        else { throw HTTPFailure.malformed(text) }
        var headers: [(name: String, value: String)] = []
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":"), colon != line.startIndex, !line.contains("\n") else {
                throw HTTPFailure.malformed(text)
            }
            let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            headers.append((String(line[..<colon]), String(value)))
        }
        version = String(parts[0])
        self.status = status
        reason = parts.count > 2 ? String(parts[2]) : ""
        self.headers = headers
        self.end = end.upperBound
    }

    func framing(_ method: String) -> Framing {
        if method == "HEAD" || status / 100 == 1 || status == 204 || status == 304 { return .none }
        func value(_ name: String) -> String? { headers.last { $0.name.lowercased() == name }?.value }
        if value("transfer-encoding")?.lowercased() == "chunked" { return .chunked }
        if let length = value("content-length").flatMap({ Int($0) }) { return .length(length) }
        return .untilClose
    }

    func response(_ body: [UInt8], _ chunks: [Int]) -> HTTPResponse {
        HTTPResponse(version: version, status: status, reason: reason, headers: headers, body: body, chunks: chunks)
    }
}

private struct BodyParser {
    private let bytes: [UInt8]
    private(set) var position: Int
    private(set) var body: [UInt8] = []
    private(set) var chunks: [Int] = []

    init(_ bytes: [UInt8], from position: Int) {
        self.bytes = bytes
        self.position = position
    }

    mutating func take(_ count: Int) -> Bool {
        guard bytes.count - position >= count else { return false }
        body += bytes[position..<(position + count)]
        position += count
        return true
    }

    mutating func takeChunks() throws -> Bool {
        while let line = takeLine() {
            let digits = line.prefix { $0 != ";" }
            guard let size = Int(digits, radix: 16), size >= 0 else {
                throw HTTPFailure.malformed("chunk size \(line)")
            }
            if size == 0 { return takeTrailers() }
            guard take(size) else { return false }
            chunks.append(size)
            guard bytes.count - position >= 2 else { return false }
            guard bytes[position] == 13, bytes[position + 1] == 10 else {
                throw HTTPFailure.malformed("no line end after a chunk")
            }
            position += 2
        }
        return false
    }

    private mutating func takeTrailers() -> Bool {
        while let line = takeLine() {
            if line.isEmpty { return true }
        }
        return false
    }

    private mutating func takeLine() -> String? {
        guard let end = bytes[position...].firstRange(of: [13, 10]) else { return nil }
        defer { position = end.upperBound }
        return String(decoding: bytes[position..<end.lowerBound], as: UTF8.self)
    }
}

extension Collection<UInt8> {
    fileprivate func firstRange(of pattern: [UInt8]) -> Range<Index>? {
        var start = startIndex
        while let first = self[start...].firstIndex(of: pattern[0]) {
            var index = first
            var matched = 0
            while matched < pattern.count, index != endIndex, self[index] == pattern[matched] {
                formIndex(after: &index)
                matched += 1
            }
            if matched == pattern.count { return first..<index }
            start = self.index(after: first)
        }
        return nil
    }
}
