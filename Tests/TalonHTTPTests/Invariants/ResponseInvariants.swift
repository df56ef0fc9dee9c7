@testable import TalonHTTP

/// What must hold for whatever an application says of its response.
enum ResponseInvariants {
    private static let ofConnection = [
        "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "trailer", "te", "date",
        "server",
    ]

    /// The input: a status as two bytes, then lines that end in LF, of which the first is the phrase and the others are
    /// fields, "name:value". Names and values may hold every byte but those two.
    ///
    /// - Returns: what does not hold; nil if all does.
    static func violation(_ input: [UInt8]) -> String? {
        guard input.count > 2 else { return nil }
        let status = Int(input[0]) << 8 | Int(input[1])
        let lines = input[2...].split(separator: 10, omittingEmptySubsequences: false).map { Array($0) }
        var out: [UInt8] = []
        var head = ResponseHead()
        let reason = lines[0]
        guard head.start(status: status, reason: reason.span, into: &out) == nil else { return nil }
        var kept = 0
        for line in lines.dropFirst() {
            let colon = line.firstIndex(of: 58) ?? line.count
            let before = out.count
            let name = Array(line[..<colon])
            let value = Array(line[colon...].dropFirst())
            switch head.append(name: name.span, value: value.span, into: &out) {
            case .refused: return nil
            case .dropped: if out.count != before { return "a dropped field is written" }
            case .kept where out.count > before: kept += 1
            case .kept: if head.contentLength == nil { return "a kept field is lost" }
            }
        }
        for (isHead, minor, keepAlive) in [(false, 1, true), (true, 1, true), (false, 0, true), (false, 1, false)] {
            let framing = ResponseFraming(
                status: status, isHead: isHead, versionMinor: UInt8(minor), contentLength: head.contentLength,
                keepAlive: keepAlive)
            var whole = out
            head.end(framing: framing, dateLine: Array("Date: x\r\n".utf8), into: &whole)
            if let violation = violation(whole, status, kept, framing, minor) { return violation }
        }
        return nil
    }

    private static func violation(
        _ bytes: [UInt8], _ status: Int, _ kept: Int, _ framing: ResponseFraming, _ minor: Int
    ) -> String? {
        var lines: [[UInt8]] = [[]]
        for byte in bytes {
            if byte == 10 {
                guard lines[lines.count - 1].popLast() == 13 else { return "a bare LF" }
                lines.append([])
            } else {
                lines[lines.count - 1].append(byte)
            }
        }
        if lines.contains(where: { $0.contains(13) || $0.contains(0) }) { return "a bare CR or NUL" }
        guard lines.count >= 3, lines.suffix(2).allSatisfy(\.isEmpty), !lines.dropLast(2).contains(where: \.isEmpty)
        else {
            return "not one empty line, at the end"
        }
        guard lines[0].starts(with: "HTTP/1.1 \(status) ".utf8) else { return "another status line" }
        let names = lines.dropFirst().dropLast(2).map {
            String(decoding: $0.prefix { $0 != 58 }, as: UTF8.self).lowercased()
        }
        for name in Set(names).intersection(ofConnection) where names.count(where: { $0 == name }) > 1 {
            return "\(name) twice"
        }
        let hasLength = names.contains("content-length")
        let isChunked = names.contains("transfer-encoding")
        if hasLength, isChunked || names.count(where: { $0 == "content-length" }) > 1 { return "two framings" }
        if isChunked != (framing.body == .chunked) || (isChunked && minor == 0) { return "chunked or not" }
        if status < 200 || status == 204, hasLength || isChunked { return "a framing of no body" }
        if framing.body == .untilClose || status < 200, framing.keepAlive { return "a body without an end" }
        if names.count != kept + 3 + (hasLength || isChunked ? 1 : 0) { return "fields too few or too many" }
        return nil
    }
}
