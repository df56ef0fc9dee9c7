@testable import TalonHTTP

private func lenient(_ leniency: Leniency) -> HTTPLimits { HTTPLimits(fieldSize: 64, leniency: leniency) }

/// gunicorn's flags: what each lets through, and what it does not.
let leniencyRows: [HeadRow] = [
    .good("folding, when permitted", "GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n c\r\n\td\r\n\r\n", lenient(.foldedLines)),
    .good("an empty line that is folded", "GET / HTTP/1.1\r\nHost: h\r\nA:\r\n c\r\n\r\n", lenient(.foldedLines)),
    .bad(
        .foldedLine, "folding, by another flag", "GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n c\r\n\r\n",
        lenient(.spacedNames)),
    .bad(
        .leadingSpace, "folding before the first field", "GET / HTTP/1.1\r\n a: b\r\nHost: h\r\n\r\n",
        lenient(.foldedLines)),
    .bad(
        .foldedLine, "a folded length", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n 2\r\n\r\n",
        lenient(.foldedLines)),
    .bad(
        .foldedLine, "a folded coding", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding:\r\n chunked\r\n\r\n",
        lenient(.foldedLines)),
    .bad(.foldedLine, "a folded host", "GET / HTTP/1.1\r\nHost: h\r\n x\r\n\r\n", lenient(.foldedLines)),
    .bad(
        .fieldTooLong, "folded lines beyond the limit of one",
        "GET / HTTP/1.1\r\nHost: h\r\nA: \(String(repeating: "b\r\n ", count: 20))c\r\n\r\n", lenient(.foldedLines)),
    .good("spaces after a name, when stripped", "GET / HTTP/1.1\r\nHost \t: h\r\n\r\n", lenient(.spacedNames)),
    .bad(.fieldNameSpace, "spaces in a name", "GET / HTTP/1.1\r\nHo st: h\r\n\r\n", lenient(.spacedNames)),
    .bad(
        .fieldNameSpace, "spaces after a name, by another flag", "GET / HTTP/1.1\r\nHost : h\r\n\r\n",
        lenient(.anyMethod)),
    .bad(
        .contentLengthWithCoding, "framing fields with spaces",
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length : 1\r\nTransfer-Encoding : chunked\r\n\r\n", lenient(.spacedNames)
    ),
    .bad(
        .fieldTooLong, "spaces beyond the limit",
        "GET / HTTP/1.1\r\nHost\(String(repeating: " ", count: 70)): h\r\n\r\n", lenient(.spacedNames)),
    .good("a short method, when permitted", "a / HTTP/1.1\r\nHost: h\r\n\r\n", lenient(.anyMethod)),
    .good(
        "a long method in lower case", "averyveryverylongmethod#1 / HTTP/1.1\r\nHost: h\r\n\r\n", lenient(.anyMethod)),
    .bad(.method, "a method that is no token", "G(T / HTTP/1.1\r\nHost: h\r\n\r\n", lenient(.anyMethod)),
    .bad(.connectMethod, "CONNECT in lower case", "connect h:1 HTTP/1.1\r\nHost: h\r\n\r\n", lenient(.anyMethod)),
    .bad(.method, "lower case, by the other flag", "get / HTTP/1.1\r\nHost: h\r\n\r\n", lenient(.capitalMethods)),
    .good("another version, when permitted", "GET / HTTP/2.0\r\nHost: h\r\n\r\n", lenient(.anyVersion)),
    .good("an old version needs no host", "GET / HTTP/0.9\r\n\r\n", lenient(.anyVersion)),
    .bad(.version, "a version that is none", "GET / HTTP/2\r\nHost: h\r\n\r\n", lenient(.anyVersion)),
    .bad(.majorVersion, "another version, by another flag", "GET / HTTP/2.0\r\nHost: h\r\n\r\n", lenient(.anyMethod)),
]
