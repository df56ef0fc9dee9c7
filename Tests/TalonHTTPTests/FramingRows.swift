@testable import TalonHTTP

private func fields(_ lines: String..., version: String = "1.1") -> String {
    "POST / HTTP/\(version)\r\n" + lines.map { $0 + "\r\n" }.joined() + "\r\n"
}

private func body(_ lines: String...) -> String {
    fields("Host: a\r\n" + lines.joined(separator: "\r\n"))
}

private func host(_ value: String) -> String { fields("Host: " + value) }

/// Rules of Host, Content-Length, Transfer-Encoding and Expect: RFC 9112 §3.2, §6; RFC 9110 §7.2, §10.1.1.
let framingRows: [HeadRow] = [
    .bad(.hostMissing, "§3.2 no Host in HTTP/1.1", fields("Accept: a")),
    .good("§3.2 no Host in HTTP/1.0", fields("Accept: a", version: "1.0")),
    .bad(.hostRepeated, "§3.2 two different hosts", fields("Host: a", "Host: b")),
    .bad(.hostRepeated, "§3.2 the same host twice", fields("Host: a", "host: a")),
    .bad(.hostRepeated, "§3.2 two hosts in HTTP/1.0", fields("Host: a", "Host: b", version: "1.0")),
    .bad(.hostMissing, "§3.2 an absolute target replaces no Host", "GET http://a/ HTTP/1.1\r\n\r\n"),
    .good("§3.2 an empty host", host("")),
    .good("9110 §7.2 a name and a port", host("www.example.com:8000")),
    .good("3986 §3.2.2 a comma, which is no list", host("a,b")),
    .bad(.host, "9110 §7.2 a list", host("a, b")),
    .good("9110 §7.2 an IPv4 address", host("127.0.0.1")),
    .good("9110 §7.2 an IPv6 address and a port", host("[::1]:8000")),
    .good("3986 §3.2.2 an IPv4-mapped address", host("[::ffff:1.2.3.4]")),
    .good("3986 §3.2.2 a future address", host("[v1.a~b]")),
    .good("3986 §3.2.2 a percent encoding", host("a%20b")),
    .good("3986 §3.2.3 an empty port", host("a:")),
    .bad(.host, "3986 §3.2.2 a broken percent encoding", host("a%2")),
    .bad(.host, "3986 §3.2.2 no hexadecimal digits", host("a%zzb")),
    .bad(.host, "9110 §7.2 a space", host("a b")),
    .bad(.host, "9110 §7.2 a path", host("a/b")),
    .bad(.host, "9110 §7.2 user information", host("u@a")),
    .bad(.host, "9110 §7.2 a query", host("a?b")),
    .bad(.host, "9110 §7.2 a quote", host("a\"")),
    .bad(.host, "9110 §7.2 bytes beyond ASCII", host("caf\u{E9}")),
    .bad(.host, "9110 §7.2 letters in the port", host("a:8x")),
    .bad(.host, "9110 §7.2 two ports", host("a:80:80")),
    .bad(.host, "9110 §7.2 a port out of range", host("a:65536")),
    .bad(.host, "9110 §7.2 an endless port", host("a:000000")),
    .bad(.host, "3986 §3.2.2 an open bracket", host("[::1")),
    .bad(.host, "3986 §3.2.2 empty brackets", host("[]")),
    .bad(.host, "3986 §3.2.2 letters in an address", host("[::g]")),
    .bad(.host, "3986 §3.2.2 text after the address", host("[::1]a")),

    .good("§6.2 a length", body("Content-Length: 5")),
    .good("§6.2 a length of 0", body("Content-Length: 0")),
    .good("9110 §8.6 leading zeros", body("Content-Length: 0005")),
    .good("9110 §8.6 the largest length", body("Content-Length: 9223372036854775807")),
    .bad(.contentLength, "9110 §8.6 one more", body("Content-Length: 9223372036854775808")),
    .bad(.contentLength, "9110 §8.6 far more", body("Content-Length: 99999999999999999999999")),
    .bad(.contentLength, "9110 §8.6 a plus", body("Content-Length: +5")),
    .bad(.contentLength, "9110 §8.6 a minus", body("Content-Length: -5")),
    .bad(.contentLength, "9110 §8.6 empty", body("Content-Length:")),
    .bad(.contentLength, "9110 §8.6 a space inside", body("Content-Length: 5 5")),
    .bad(.contentLength, "9110 §8.6 a list", body("Content-Length: 5, 5")),
    .bad(.contentLength, "9110 §8.6 hexadecimal", body("Content-Length: 0x5")),
    .bad(.contentLength, "9110 §8.6 an underscore", body("Content-Length: 1_0")),
    .bad(.contentLength, "9110 §8.6 a fraction", body("Content-Length: 5.0")),
    .bad(.contentLengthRepeated, "§6.3 two lengths", body("Content-Length: 5", "Content-Length: 6")),
    .bad(.contentLengthRepeated, "§6.3 the same length twice", body("Content-Length: 5", "content-length: 5")),

    .good("§7.1 chunked", body("Transfer-Encoding: chunked")),
    .good("§7 chunked in capitals", body("Transfer-Encoding: CHUNKED")),
    .bad(
        .contentLengthWithCoding, "§6.1 a length and chunked",
        body("Content-Length: 5", "Transfer-Encoding: chunked")),
    .bad(
        .contentLengthWithCoding, "§6.1 chunked and a length",
        body("Transfer-Encoding: chunked", "Content-Length: 5")),
    .bad(
        .contentLengthWithCoding, "§6.1 chunked and a length of 0",
        body("Transfer-Encoding: chunked", "Content-Length: 0")),
    .bad(
        .contentLengthWithCoding, "§6.1 a length, chunked, and a name with an underscore between",
        body("Content-Length: 5", "Transfer_Encoding: x", "Transfer-Encoding: chunked")),
    .bad(.codingUnknown, "§6.1 a coding and a length", body("Content-Length: 5", "Transfer-Encoding: identity")),
    .bad(
        .codingInOldVersion, "§6.1 any coding in HTTP/1.0",
        fields("Host: a", "Transfer-Encoding: identity", version: "1.0")),
    .good("9110 §2.5 chunked in HTTP/1.2", fields("Host: a", "Transfer-Encoding: chunked", version: "1.2")),
    .bad(
        .codingInOldVersion, "§6.1 chunked in HTTP/1.0",
        fields("Transfer-Encoding: chunked", version: "1.0")),
    .bad(.codingUnknown, "§6.1 gzip", body("Transfer-Encoding: gzip")),
    .bad(.codingUnknown, "§6.1 gzip before chunked", body("Transfer-Encoding: gzip, chunked")),
    .bad(.codingUnknown, "§7.2 identity", body("Transfer-Encoding: identity")),
    .bad(.codingUnknown, "§6.1 another word", body("Transfer-Encoding: xchunked")),
    .bad(.codingNotLast, "§6.1 chunked twice", body("Transfer-Encoding: chunked, chunked")),
    .bad(
        .codingNotLast, "§6.1 chunked in two fields",
        body("Transfer-Encoding: chunked", "Transfer-Encoding: chunked")),
    .bad(.codingNotLast, "§6.3 chunked before gzip", body("Transfer-Encoding: chunked, gzip")),
    .bad(
        .codingNotLast, "§6.3 chunked, then gzip in another field",
        body("Transfer-Encoding: chunked", "Transfer-Encoding: gzip")),
    .bad(.coding, "§6.1 empty", body("Transfer-Encoding:")),
    .bad(.coding, "§6.1 an empty element after", body("Transfer-Encoding: chunked,")),
    .bad(.coding, "§6.1 an empty element before", body("Transfer-Encoding: ,chunked")),
    .bad(.coding, "§7 a parameter", body("Transfer-Encoding: chunked;a=b")),
    .bad(.coding, "§6.1 quoted", body("Transfer-Encoding: \"chunked\"")),
    .bad(.coding, "§6.1 two words", body("Transfer-Encoding: chunked gzip")),
    .bad(.fieldValue, "§6.1 a vertical tab before", body("Transfer-Encoding: \u{0B}chunked")),

    .good("9110 §10.1.1 an expectation", body("Expect: 100-continue", "Content-Length: 1")),
    .good("9110 §10.1.1 in capitals", body("Expect: 100-Continue", "Content-Length: 1")),
    .bad(.expectation, "9110 §10.1.1 another expectation", body("Expect: 200-ok")),
    .bad(.expectation, "9110 §10.1.1 two expectations", body("Expect: 100-continue, x")),
    .good("9110 §8.3 a content type", body("Content-Type: text/plain")),
    .bad(.contentTypeRepeated, "9110 §8.3 two content types", body("Content-Type: a/b", "Content-Type: a/b")),
    .good("an underscored name is no framing field", body("Content_Length: x", "Transfer_Encoding: x")),
]
