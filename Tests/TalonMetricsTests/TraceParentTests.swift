import Testing

@testable import TalonMetrics

@Suite struct `A traceparent header` {
    private static let valid = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    private func parse(_ text: String) -> TraceParent? {
        TraceParent(Array(text.utf8).span)
    }

    @Test func `names the trace, the span, and whether they are kept`() throws {
        let parent = try #require(parse(Self.valid))
        #expect(parent.isSampled)
        let exemplar = parent.exemplar(at: 12.5)
        #expect(exemplar.time == 12.5)
        #expect(
            exemplar.labels == [
                Label("span_id", "00f067aa0ba902b7"), Label("trace_id", "4bf92f3577b34da6a3ce929d0e0e4736"),
            ])
        #expect(parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-02")?.isSampled == false)
        #expect(parse("00-00000000000000010000000000000000-0000000000000001-ff")?.isSampled == true)
    }

    @Test(arguments: ["-", "-x", "-what the future brings"]) func `of a later version is read as far as it is known`(
        rest: String
    ) {
        #expect(parse("cc" + Self.valid.dropFirst(2) + rest) == parse(Self.valid))
        #expect(parse("cc" + Self.valid.dropFirst(2)) == parse(Self.valid))
        #expect(parse(Self.valid + rest) == nil, "version 00 ends there")
    }

    @Test(
        arguments: [
            "", "00", "ff" + valid.dropFirst(2), "cc" + valid.dropFirst(2) + "x",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0G",
            "0A-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7_01", " " + valid, valid + " ",
        ])
    func `that the specification has ignored is ignored`(header: String) {
        #expect(parse(header) == nil)
    }

    @Test func `cut or changed at any byte does no harm`() {
        for length in 0..<Self.valid.utf8.count { #expect(parse(String(Self.valid.prefix(length))) == nil) }
        var generator = SeededGenerator(state: 5)
        for _ in 0..<5000 {
            var bytes = Array(Self.valid.utf8)
            let index = Int.random(in: bytes.indices, using: &generator)
            bytes[index] = UInt8.random(in: .min ... .max, using: &generator)
            let parent = TraceParent(bytes.span)
            let isHex = "0123456789abcdef".utf8.contains(bytes[index])
            #expect(
                (parent != nil) == (isHex && "-" != Array(Self.valid)[index]) || bytes == Array(Self.valid.utf8)
                    || bytes.starts(with: Array("ff".utf8)))
        }
    }
}
