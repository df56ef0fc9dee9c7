@testable import TalonHTTP

private let line = "GET / HTTP/1.1\r\nHost: a\r\n"
private let lineOnly = "GET / HTTP/1.1\r\n"
private let end = "\r\n\r\n"

private func field(_ text: String) -> String { line + text + end }

private func many(_ count: Int, _ name: String = "X-A") -> String {
    line + String(repeating: "\(name): b\r\n", count: count) + "\r\n"
}

private func long(_ bytes: Int) -> String {
    field("X: " + String(repeating: "v", count: bytes - 5))
}

/// Rules of field lines, RFC 9112 §5 and RFC 9110 §5.
let fieldRows: [HeadRow] = [
    .good("§5 a field", field("Accept: */*")),
    .good("§5.1 no space after the colon", field("Accept:*/*")),
    .good("§5.1 white space around the value", field("Accept: \t */* \t")),
    .good("9110 §5.5 an empty value", field("Accept:")),
    .good("9110 §5.5 a value of white space", field("Accept: \t ")),
    .good("9110 §5.5 a tab inside", field("Accept: a\tb")),
    .good("9110 §5.5 bytes beyond ASCII", field("X-Name: caf\u{C3}\u{A9}")),
    .good("9110 §5.5 colons in the value", field("X: a:b::c")),
    .good("9110 §5.6.2 every token character", field("!#$%&'*+-.^`|~09AZaz: x")),
    .open("§2.1 a head that has not ended", line),
    .open("§2.1 the last LF is missing", line + "\r"),
    .open("§5 a name without its colon yet", line + "Acc"),

    .bad(.fieldColon, "§5 no colon", field("Accept")),
    .bad(.fieldNameEmpty, "§5 an empty name", field(": a")),
    .bad(.fieldNameSpace, "§5.1 a space before the colon", field("Accept : a")),
    .bad(.fieldNameSpace, "§5.1 a tab before the colon", field("Accept\t: a")),
    .bad(.fieldNameSpace, "§5.1 a space in the name", field("Acc ept: a")),
    .bad(.fieldName, "9110 §5.1 a separator in the name", field("Acc(ept: a")),
    .bad(.fieldName, "9110 §5.1 NUL in the name", field("Acc\u{0}ept: a")),
    .bad(.fieldName, "9110 §5.1 a name beyond ASCII", field("Acc\u{E9}pt: a")),
    .bad(.fieldName, "9110 §5.1 a quoted name", field("\"a\": b")),
    .bad(.foldedLine, "§5.2 a folded line", field("X: a\r\n b")),
    .bad(.foldedLine, "§5.2 a line folded with a tab", field("X: a\r\n\tb")),
    .bad(.foldedLine, "§5.2 an empty folded line", field("X: a\r\n ")),
    .bad(.leadingSpace, "§2.2 white space before the first field", lineOnly + " Host: a" + end),
    .bad(.fieldValue, "9110 §5.5 NUL in the value", field("X: a\u{0}b")),
    .bad(.fieldValue, "9110 §5.5 a control byte in the value", field("X: a\u{1B}b")),
    .bad(.fieldValue, "9110 §5.5 a control byte after sixteen bytes", field("X: 0123456789abcdef\u{01}b")),
    .bad(.fieldValue, "9110 §5.5 DEL in the value", field("X: a\u{7F}b")),
    .bad(.fieldLineEnding, "§2.2 a bare CR in the value", field("X: a\rb")),
    .bad(.fieldLineEnding, "§2.2 a bare LF in the value", field("X: a\nb")),
    .bad(.fieldLineEnding, "§2.2 a bare LF after sixteen bytes", field("X: 0123456789abcdef\nb")),
    .bad(.fieldLineEnding, "§2.2 a line that ends in LF", line + "X: a\n\r\n"),
    .bad(.fieldLineEnding, "§2.2 a head that ends in LF", line + "\n"),
    .bad(.fieldLineEnding, "§2.2 a head that ends in CR CR", line + "\r\r\n"),
    .bad(.fieldLineEnding, "§2.2 LF in the name", field("Acc\nept: a")),

    .good("a name with an underscore is dropped", field("Content_Length: 5\r\nHost_: b")),
    .bad(.fieldNameUnderscore, "an underscore is refused", field("X_Y: 5"), HTTPLimits(underscoredNames: .refuse)),
    .good("an underscore is kept", field("X_Y: 5"), HTTPLimits(underscoredNames: .keep)),
    .bad(.fieldValue, "a dropped field is checked too", field("X_Y: a\u{0}")),

    .good("a hundred fields", many(99)),
    .bad(.tooManyFields, "a hundred and one", many(100)),
    .bad(.tooManyFields, "dropped ones count", many(100, "X_A")),
    .good("a field line of 8190 bytes", long(8190)),
    .bad(.fieldTooLong, "of 8191", long(8191)),
    .bad(.fieldTooLong, "far beyond, without an end", line + "X: " + String(repeating: "v", count: 9000)),
    .bad(.fieldTooLong, "an endless name", line + String(repeating: "n", count: 9000)),
    .bad(.fieldTooLong, "a small limit", field("X: 12345678"), HTTPLimits(fieldSize: 12)),
    .good("just a small limit", field("X: 1234567"), HTTPLimits(fieldSize: 12)),
    .bad(.headTooLarge, "a limit of the whole head", many(3), HTTPLimits(headSize: 20)),
    .bad(
        .headTooLarge, "a limit of the whole head, without an end",
        line + "X: " + String(repeating: "v", count: 200), HTTPLimits(headSize: 100)),
]
