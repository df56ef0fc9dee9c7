import Testing

@testable import TalonMetrics

@Suite struct `A key` {
    @Test(arguments: [
        (
            #"["a", "a_total", {"b": "1", "c": "2"}, "h"]"#,
            MetricKey(metric: "a", sample: "a_total", labels: [Label("b", "1"), Label("c", "2")], help: "h")
        ),
        (#"["a", "a", {}, ""]"#, MetricKey(metric: "a", sample: "a", labels: [], help: "")),
        (
            #"["a", "a", {"p": "\"\\\n\r\t\b\f\u0001\u007f"}, "é"]"#.asciiOnly,
            MetricKey(
                metric: "a", sample: "a", labels: [Label("p", "\"\\\n\r\t\u{8}\u{c}\u{1}\u{7f}")], help: "é")
        ),
        (
            #"["a", "a", {"p": "\ud83d\ude00 \u20ac"}, "h"]"#,
            MetricKey(metric: "a", sample: "a", labels: [Label("p", "😀 €")], help: "h")
        ),
    ])
    func `is written and read as Python does`(text: String, key: MetricKey) {
        #expect(key.text == text)
        #expect(KeyParser.parse(ArraySlice(text.utf8)) == key)
    }

    @Test(arguments: [
        (#" [ "a" , "b" ,{ "z" : "1" , "c":"2"}, "h" ] "#, [Label("c", "2"), Label("z", "1")]),
        (#"["a","b",{"c":"1","c":"2"},"h"]"#, [Label("c", "2")]),
        (#"["a","b",{"c":"\ud800x"},"h"]"#, [Label("c", "\u{FFFD}x")]),
        (#"["a","b",{"c":"\ud800\u0041"},"h"]"#, [Label("c", "\u{FFFD}A")]),
        (#"["a","b",{"c":"\udc80"},"h"]"#, [Label("c", "\u{FFFD}")]),
        (#"["a","b",{"c":"\/ä"},"h"]"#, [Label("c", "/ä")]),
    ])
    func `is read in every form that JSON allows`(text: String, labels: [Label]) throws {
        #expect(try #require(KeyParser.parse(ArraySlice(text.utf8))).labels == labels)
    }

    @Test(arguments: [
        "", "[", "[]", #"["a"]"#, #"["a", "b", {}, "h"] x"#, #"["a", "b", {}, "h""#, #"["a", "b", {"c"}, "h"]"#,
        #"["a", "b", {"c": 1}, "h"]"#, #"["a", "b", {"c": null}, "h"]"#, #"["a", "b", {"c": {}}, "h"]"#,
        #"["a", "b", {"c": "1",}, "h"]"#, #"["a", "b", {,}, "h"]"#, #"["a", "b", [], "h"]"#, #"["a", "b", {}, 3]"#,
        #"["a\x", "b", {}, "h"]"#, #"["a\u12g4", "b", {}, "h"]"#, #"["a\u12", "b", {}, "h"]"#,
        "[\"a\n\", \"b\", {}, \"h\"]",
        #"["a", "b", {}, "h\"#, "null", "12", String(repeating: "[", count: 100_000),
    ])
    func `of another shape is refused`(text: String) {
        #expect(KeyParser.parse(ArraySlice(text.utf8)) == nil)
    }

    @Test func `cut anywhere is refused`() {
        let text = Array(#"["a", "a_total", {"b": "\u00e9\ud83d\ude00"}, "h"]"#.utf8)
        #expect(KeyParser.parse(text[...]) != nil)
        for length in 0..<text.count { #expect(KeyParser.parse(text[..<length]) == nil) }
    }

    @Test func `that is not UTF-8 is refused`() {
        let head = Array(#"["a", "b", {"c": ""#.utf8)
        let tail = Array(#""}, "h"]"#.utf8)
        for middle in [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xf8, 0x88]] as [[UInt8]] {
            #expect(KeyParser.parse((head + middle + tail)[...]) == nil)
        }
    }
}

extension String {
    /// As `json.dumps` leaves it.
    fileprivate var asciiOnly: String {
        unicodeScalars.map { $0.isASCII ? String($0) : "\\u00" + String($0.value, radix: 16) }.joined()
    }
}
