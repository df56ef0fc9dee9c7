import Testing

@testable import TalonHTTP

@Suite("The classes of bytes")
struct ByteClassTests {
    private static let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
    private static let digits = Array("0123456789".utf8)

    private func has(_ byte: UInt8, _ bit: UInt8) -> Bool { ByteClass.of(byte) & bit != 0 }

    @Test("are those of the grammar", arguments: UInt8.min...UInt8.max)
    func grammar(byte: UInt8) {
        let isToken = (Self.letters + Self.digits + Array("!#$%&'*+-.^_`|~".utf8)).contains(byte)
        let isVisible = (0x21...0x7E).contains(byte)
        #expect(has(byte, ByteClass.token) == isToken)
        #expect(has(byte, ByteClass.method) == (isToken && !(0x61...0x7A).contains(byte) && byte != 0x23))
        #expect(has(byte, ByteClass.target) == (isVisible && byte != 0x23))
        #expect(has(byte, ByteClass.value) == (isVisible || byte == 0x20 || byte == 0x09 || byte >= 0x80))
        let host = Self.letters + Self.digits + Array("-._~!$&'()*+,;=%".utf8)
        #expect(has(byte, ByteClass.host) == host.contains(byte))
        #expect(has(byte, ByteClass.hex) == (Self.digits + Array("abcdefABCDEF".utf8)).contains(byte))
        #expect(has(byte, ByteClass.underscore) == (byte == 0x5F))
        #expect(has(byte, ByteClass.quoted) == (has(byte, ByteClass.value) && byte != 0x22 && byte != 0x5C))
        #expect((Byte.hexValue(byte) != nil) == has(byte, ByteClass.hex))
    }

    @Test("and the words of the codec are what their names say")
    func words() {
        #expect(spells(Word.connect, "connect"))
        #expect(spells(Word.head, "head"))
        #expect(spells(Word.options, "options"))
        #expect(spells(Word.http, "http://"))
        #expect(spells(Word.https, "https://"))
        #expect(spells(Word.host, "host"))
        #expect(spells(Word.expect, "expect"))
        #expect(spells(Word.connection, "connection"))
        #expect(spells(Word.contentType, "content-type"))
        #expect(spells(Word.contentLength, "content-length"))
        #expect(spells(Word.transferEncoding, "transfer-encoding"))
        #expect(spells(Word.close, "close"))
        #expect(spells(Word.keepAlive, "keep-alive"))
        #expect(spells(Word.chunked, "chunked"))
        #expect(spells(Word.continues, "100-continue"))
        #expect(spells(Word.te, "te"))
        #expect(spells(Word.date, "date"))
        #expect(spells(Word.server, "server"))
        #expect(spells(Word.upgrade, "upgrade"))
        #expect(spells(Word.trailer, "trailer"))
        #expect(spells(Word.trailers, "trailers"))
        #expect(spells(Word.authorization, "authorization"))
        #expect(spells(Word.proxyConnection, "proxy-connection"))
        #expect(spells(Word.proxyAuthenticate, "proxy-authenticate"))
        #expect(spells(Word.proxyAuthorization, "proxy-authorization"))
    }

    private func spells<let count: Int>(_ word: InlineArray<count, UInt8>, _ text: String) -> Bool {
        word.indices.map { word[$0] } == Array(text.utf8)
    }
}
