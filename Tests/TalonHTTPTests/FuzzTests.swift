import TalonPlatform
import TalonTesting
import Testing

@testable import TalonHTTP

/// Bytes that are worth trying.
private let interesting: [UInt8] = [
    0x00, 0x09, 0x0A, 0x0D, 0x20, 0x22, 0x23, 0x25, 0x2A, 0x2C, 0x2F, 0x30, 0x3A, 0x3B, 0x3F, 0x40, 0x5B, 0x5D, 0x5F,
    0x7F, 0x80, 0xFF,
]

/// One to six changes: a byte replaced, removed, inserted or a part doubled.
private func mutated(_ bytes: [UInt8], _ random: inout FixedRandom) -> [UInt8] {
    var result = bytes
    for _ in 0..<Int.random(in: 1...6, using: &random) where !result.isEmpty {
        let index = Int.random(in: 0..<result.count, using: &random)
        let byte =
            Bool.random(using: &random)
            ? interesting[Int.random(in: 0..<interesting.count, using: &random)]
            : UInt8.random(in: 0...255, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: result[index] = byte
        case 1: result.remove(at: index)
        case 2: result.insert(byte, at: index)
        default:
            let end = min(result.count, index + Int.random(in: 1...20, using: &random))
            result.insert(contentsOf: Array(result[index..<end]), at: index)
        }
    }
    return result
}

@Suite("With random input")
struct FuzzTests {
    private static let seeds = allRows.map(\.bytes).filter { $0.count < 400 }

    @Test("the parser keeps its invariants", arguments: Array("@_`".utf8))
    func parser(choice: UInt8) {
        var random = FixedRandom(seed: 20_261_122)
        for round in 0..<20_000 {
            let bytes = mutated(Self.seeds[round % Self.seeds.count], &random)
            let input = [choice, UInt8(truncatingIfNeeded: round)] + bytes
            if let violation = CodecInvariants.violation(input) { Issue.record("\(violation): \(bytes)") }
        }
    }

    @Test("the chunked decoder keeps its invariants")
    func chunked() {
        let head = Array("@mPUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
        let seeds = chunkRows.map { Array($0.text.utf8) }.filter { $0.count < 400 }
        var random = FixedRandom(seed: 7)
        for round in 0..<20_000 {
            let bytes = mutated(seeds[round % seeds.count], &random)
            if let violation = CodecInvariants.violation(head + bytes) { Issue.record("\(violation): \(bytes)") }
        }
    }

    @Test("nothing that the fuzzer found worth keeping breaks an invariant")
    func corpus() throws {
        let folder = "\(Repository.root)/Tests/Fuzz/Corpus/codec"
        let names = Files.names(in: folder)
        #expect(names.count > 30)
        for name in names {
            let bytes = try Files.bytes("\(folder)/\(name)")
            if let violation = CodecInvariants.violation(bytes) { Issue.record("\(name): \(violation)") }
        }
    }

    @Test("the access log writes one line of printable ASCII, whatever is in the request")
    func accessLog() {
        let format = AccessLogFormat(AccessLogFormat.standard + #" "%({x-a}i)s" %(U)s %(q)s"#)
        var random = FixedRandom(seed: 99)
        var line: [UInt8] = []
        for _ in 0..<20_000 {
            let value = (0..<20).map { _ in UInt8.random(in: 0...255, using: &random) }
            let bytes =
                Array("GET /%0A%22?a HTTP/1.1\r\nHost: a\r\nX-A: ".utf8) + value + Array("\r\nReferer: ".utf8) + value
                + Array("\r\nAuthorization: Basic ".utf8) + value + Array("\r\n\r\n".utf8)
            line.removeAll(keepingCapacity: true)
            let head = parseWhole(bytes).head
            format.render(record, time: [], head: head, request: bytes.span, response: bytes.span, into: &line)
            if !line.allSatisfy({ (0x20...0x7E).contains($0) }) { Issue.record("\(line)") }
        }
    }

    @Test("the access log in JSON writes one object in UTF-8, whatever is in the request")
    func accessLogJSON() {
        var random = FixedRandom(seed: 98)
        let line = AccessLine()
        for _ in 0..<20_000 {
            let value = (0..<20).map { _ in UInt8.random(in: 0...255, using: &random) }
            let bytes =
                Array("GET /".utf8) + value + Array("?".utf8) + value + Array(" HTTP/1.1\r\nHost: a\r\n".utf8)
                + Array("X-Request-ID: ".utf8) + value + Array("\r\nUser-Agent: ".utf8) + value
                + Array("\r\nAuthorization: Basic ".utf8) + value + Array("\r\n\r\n".utf8)
            line.render(
                record, as: .json, head: parseWhole(bytes).head, request: bytes.span, response: bytes.span)
            let isText = String(validating: line.bytes, as: UTF8.self) != nil && line.bytes.allSatisfy { $0 >= 0x20 }
            let object = try? JSON(line.bytes)
            if !isText || object?["status"] == nil { Issue.record("\(line.bytes)") }
            var text = Array("\"".utf8)
            text.append(json: value.span)
            text.append(0x22)
            let isEscaped = String(validating: text, as: UTF8.self) != nil && text.allSatisfy { $0 >= 0x20 }
            if !isEscaped || (try? JSON(text)) == nil { Issue.record("\(text) of \(value)") }
        }
    }
}
