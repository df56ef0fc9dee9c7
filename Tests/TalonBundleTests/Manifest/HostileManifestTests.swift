import TalonYAML
import Testing

@testable import TalonBundle

/// Nearly as long as a manifest may be, and made of one thing.
struct HostileText: CustomTestStringConvertible, Sendable {
    let text: String
    var testDescription: String { "\(text.prefix(12).debugDescription)… (\(text.utf8.count) bytes)" }

    init(_ text: String) {
        self.text = text
    }

    init(_ start: String, _ piece: String, _ end: String = "") {
        let count = (250_000 - start.utf8.count - end.utf8.count) / piece.utf8.count
        text = start + String(repeating: piece, count: count) + end
    }

    static let all = [
        HostileText("", "["), HostileText("", "{a: "), HostileText("", "[a: "), HostileText("", "[? "),
        HostileText("", "- "), HostileText("", "? "), HostileText("", "? - "), HostileText("", "a: b: "),
        HostileText("", "\n"), HostileText("", "*a "), HostileText("", "%TAG !a! b\n"), HostileText("[", "a,", "]"),
        HostileText("a: \"", "\\u00e9", "\""), HostileText("a: '", "''", "'"), HostileText("a: |\n", " \n"),
        HostileText("x: &a 1\n", "y: *a\n"),
        HostileText(String(repeating: "[", count: 900), "a,"),
        HostileText(String(repeating: "[", count: 900) + String(repeating: "]", count: 900)),
        HostileText(String(repeating: "{", count: 400) + "a" + String(repeating: ": 1}", count: 400)),
        HostileText((0..<25_000).map { "k\($0): 1\n" }.joined()),
        HostileText(Sample.head + "limits:\n" + (0..<10_000).map { "  on_exit\($0): 1\n" }.joined()),
        HostileText(Sample.head + "config:\n" + (0..<10_000).map { "  k\($0): {}\n" }.joined()),
        HostileText(Sample.head + "hooks:\n" + (0..<6_000).map { "- {point: on_exit, symbol: k\($0)}\n" }.joined()),
    ]
}

@Suite struct `A manifest that is made to do harm` {
    @Test(arguments: HostileText.all) func `is refused in little time`(hostile: HostileText) {
        let start = ContinuousClock.now
        #expect(throws: YAMLError.self) { try Sample.parse(hostile.text) }
        // Far more than it takes, and far less than what grows with the square of the length would take.
        #expect(ContinuousClock.now - start < .seconds(20))
    }

    @Test func `by aliases of aliases as keys is refused before they are compared`() {
        var text = "a0: &a0 [x, x]\n"
        for level in 1..<60 { text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
        text += "? *a59\n: 1\n? *a59\n: 2\n"
        let message = Sample.refusal { () throws(YAMLError) in _ = try Sample.parse(text) }
        #expect(message?.contains(":1: YAML: anchors and aliases") == true)
    }

    @Test func `may speak of & and * in its texts`() throws {
        let stars = String(repeating: "*important* ", count: 20)
        #expect(try Sample.parse(Sample.head + "description: This \(stars) R & D\n").summary != nil)
    }
}
