import TalonPlatform
import TalonTesting
import Testing

@testable import TalonHTTP

@Suite("The head of a stream of HTTP/2")
struct StreamRequestTests {
    private func head(_ fields: KeyValuePairs<String, String>, hasBody: Bool = false) -> (String?, Rejection?) {
        var request = StreamRequest(sizeLimit: 500)
        for (name, value) in fields { request.add(name: Array(name.utf8).span, value: Array(value.utf8).span) }
        let head = request.head(hasBody: hasBody)
        return (head.map { String(decoding: $0, as: UTF8.self) }, request.rejection)
    }

    @Test("becomes one of HTTP/1.1, with Host from :authority and cookies in one piece (RFC 9113 §8.2.3, §8.3.1)")
    func translated() {
        #expect(
            head([
                ":method": "GET", ":scheme": "https", ":authority": "a:1", ":path": "/p?q", "cookie": "a=b", "x": "",
                "cookie": "c=d", "te": "trailers",
            ]).0 == "GET /p?q HTTP/1.1\r\nhost: a:1\r\nx: \r\nte: trailers\r\ncookie: a=b; c=d\r\n\r\n")
        #expect(
            head([":method": "OPTIONS", ":scheme": "http", ":path": "*", "host": "h"]).0
                == "OPTIONS * HTTP/1.1\r\nhost: h\r\n\r\n")
    }

    @Test("says how long its body is: as the client does, or in chunks (RFC 9113 §8.1.1)")
    func framing() {
        let post: KeyValuePairs = [":method": "POST", ":scheme": "https", ":authority": "a", ":path": "/"]
        #expect(head(post, hasBody: true).0?.hasSuffix("\r\ntransfer-encoding: chunked\r\n\r\n") == true)
        #expect(head(post).0?.contains("transfer-encoding") == false)
        let sized: KeyValuePairs = [
            ":method": "POST", ":scheme": "https", ":authority": "a", ":path": "/", "content-length": "5",
        ]
        #expect(head(sized, hasBody: true).0?.hasSuffix("\r\ncontent-length: 5\r\n\r\n") == true)
        #expect(head(sized).1 == .contentLength)
    }

    @Test("is refused beyond the limit, 32 bytes counted for each field (RFC 9113 §6.5.2)")
    func size() {
        #expect(head([":method": "GET", "x": String(repeating: "v", count: 460)]).1 == .headTooLarge)
    }

    @Test("is one head for the server's parser, or none, whatever a client sends")
    func random() {
        var random = FixedRandom(seed: 9113)
        let bytes: [UInt8] = Array("\r\n\0 :;,/*@?#%\tabcAZ019-_\u{7F}".utf8) + [0x80, 0xFF]
        for _ in 0..<50_000 {
            var input: [UInt8] = [UInt8.random(in: 0...3, using: &random)]
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                let isKnown = Bool.random(using: &random)
                let name =
                    isKnown ? UInt8.random(in: 200...255, using: &random) : UInt8.random(in: 0...4, using: &random)
                let value = UInt8.random(in: 0...6, using: &random)
                input += [name, value]
                for _ in 0..<Int(value) + (isKnown ? 0 : Int(name)) {
                    input.append(bytes[Int.random(in: 0..<bytes.count, using: &random)])
                }
            }
            if let violation = TranslationInvariants.violation(input) { Issue.record("\(violation): \(input)") }
        }
    }
}

@Suite("A response on its way to a stream of HTTP/2")
struct StreamResponseTests {
    /// What came of a response that arrives in pieces of this size: the fields of each head, and the body.
    private func translated(_ text: String, by size: Int, isHead: Bool = false) -> (heads: [String], body: [UInt8]?) {
        var response = StreamResponse()
        let input = InputBuffer()
        var rest = Array(text.utf8)[...]
        var heads: [String] = []
        var isFinal = false
        var body: [UInt8] = []
        while true {
            if !isFinal {
                switch response.head(input, isHead: isHead) {
                case .interim(let fields):
                    heads.append(fields.description)
                    continue
                case .final(let fields, _):
                    heads.append(fields.description)
                    isFinal = true
                case .malformed: return (heads, nil)
                case .incomplete: break
                }
            }
            if isFinal {
                var isRight = true
                var part = [UInt8](repeating: 0, count: 1000)
                let count = part.withUnsafeMutableBytes { buffer in
                    var target = OutputRawSpan(buffer: buffer, initializedCount: 0)
                    isRight = response.takeBody(input, into: &target)
                    return target.finalize(for: buffer)
                }
                guard isRight else { return (heads, nil) }
                body += part.prefix(count)
                if response.isComplete { return (heads, body) }
            }
            guard !rest.isEmpty else { return (heads, nil) }
            input.append(Array(rest.prefix(size)).span)
            rest = rest.dropFirst(size)
        }
    }

    @Test("keeps its fields but for those of the connection, and its body without framing", arguments: [1, 7, 1000])
    func whole(size: Int) {
        let chunked = translated(
            "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nX-A: b\r\nConnection: close\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", by: size)
        #expect(chunked.heads == [":status=103 link=x ", ":status=200 x-a=b "])
        #expect(chunked.body == Array("abcde".utf8))
        let sized = translated("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nbody", by: size)
        #expect(sized.heads == [":status=404 content-length=4 "] && sized.body == Array("body".utf8))
        let head = translated("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n", by: size, isHead: true)
        #expect(head.heads == [":status=200 content-length=4 "] && head.body == [])
    }

    @Test("that is cut, without a length, or none at all is none", arguments: [1, 1000])
    func broken(size: Int) {
        for text in [
            "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbod", "HTTP/1.1 200 OK\r\n\r\nbody",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", "HTTP/1.1 101 Switching Protocols\r\n\r\n",
            "HTTP/1.1 2x0 OK\r\n\r\n", "\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        ] { #expect(translated(text, by: size).body == nil, "\(text)") }
    }
}
