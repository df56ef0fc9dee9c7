import TalonControl
import TalonPlatform
import TalonTesting
import Testing

@Suite struct `A text of JSON` {
    private static let good: [(text: String, encoded: String)] = [
        ("null", "null"), (" true ", "true"), ("[]", "[]"), ("{}", "{}"), ("-0", "0"), ("12", "12"),
        ("9223372036854775807", "9223372036854775807"), ("1.5", "1.5"), ("-2e3", "-2000.0"), ("1E-2", "0.01"),
        ("9223372036854775808", "9.223372036854776e+18"),
        ("[1,2 , [3]]", "[1, 2, [3]]"), (#"{"a":{"b":null},"c":""}"#, #"{"a": {"b": null}, "c": ""}"#),
        (#""a\"\\\/\b\f\n\r\t""#, #""a\"\\/\u0008\u000c\n\u000d\t""#), (#""\u00e4\ud83d\ude00""#, "\"ä😀\""),
        ("\"ä😀\"", "\"ä😀\""), (#""\u0000""#, #""\u0000""#),
    ]

    @Test(arguments: good) func `is read and written`(text: String, encoded: String) throws {
        #expect(try JSON(Array(text.utf8)).encoded == encoded)
    }

    @Test(arguments: [
        "", " ", "nul", "True", "[1,]", "[1 2]", "[", "{", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "'a'", "01",
        "1.",
        ".5", "-", "+1", "1e", "1e999", "NaN", "Infinity", "\"", "\"\\", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"",
        "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"a\nb\"", "1 2", "[]]", "\u{feff}1",
    ])
    func `is refused where it is not to the letter`(text: String) {
        #expect(throws: JSONError.self) { try JSON(Array(text.utf8)) }
    }

    @Test func `is refused where it is no UTF-8`() {
        for bytes: [UInt8] in [[0x22, 0xff, 0x22], [0x22, 0xc3, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22]] {
            #expect(throws: JSONError.self) { try JSON(bytes) }
        }
    }

    @Test func `is nested so deep and no deeper`() throws {
        func nested(_ depth: Int) -> [UInt8] {
            Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        #expect(try JSON(nested(64)).elements?.count == 1)
        #expect(throws: JSONError.self) { try JSON(nested(65)) }
        #expect(throws: JSONError.self) { try JSON(Array(String(repeating: "[", count: 1_000_000).utf8)) }
        #expect(throws: JSONError.self) { try JSON(Array(String(repeating: "{\"a\":", count: 1_000_000).utf8)) }
    }

    @Test func `says where it is wrong`() throws {
        let error = try #require(throws: JSONError.self) { try JSON(Array("[1 2]".utf8)) }
        #expect(error.description == "no JSON: expected , or ] at byte 3")
    }

    @Test func `has the last of two fields of a name`() throws {
        #expect(try JSON(Array(#"{"a":1,"a":2}"#.utf8))["a"]?.integer == 2)
    }

    /// What is taken must come back the same from what is written of it, whatever the bytes were.
    @Test func `survives whatever bytes`() throws {
        var random = FixedRandom(seed: 28)
        let seeds =
            Self.good.map { Array($0.text.utf8) } + [
                Array(#"{"id": 1, "command": "worker add", "args": [2, "x"]}"#.utf8)
            ]
        var taken = 0
        for _ in 0..<50_000 {
            var bytes = seeds[Int.random(in: seeds.indices, using: &random)]
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                let place = Int.random(in: 0...bytes.count, using: &random)
                let noise = Array("{}[]\",:\\u0e1-".utf8) + random.bytes(4)
                let byte = noise[Int.random(in: noise.indices, using: &random)]
                if place < bytes.count, Bool.random(using: &random) {
                    bytes[place] = byte
                } else {
                    bytes.insert(byte, at: place)
                }
            }
            guard let value = try? JSON(bytes) else { continue }
            taken += 1
            let again = try JSON(Array(value.encoded.utf8))
            #expect(again.encoded == value.encoded)
            _ = try? ControlRequest(value)
        }
        #expect(taken > 1000)
    }
}
