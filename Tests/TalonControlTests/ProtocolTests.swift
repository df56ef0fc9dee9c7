import Testing

@testable import TalonControl
@testable import TalonPlatform

private func request(_ text: String) throws -> ControlRequest {
    try ControlRequest(try JSON(Array(text.utf8)))
}

@Suite struct `The control protocol` {
    @Test(arguments: [
        (#"{"id": 1, "command": "show workers", "args": []}"#, ["show", "workers"]),
        (#"{"id": 1, "command": "  worker   add ", "args": [2]}"#, ["worker", "add", "2"]),
        (#"{"command": "worker add 2"}"#, ["worker", "add", "2"]),
        (#"{"command": "a 'b c' \"d e\"f", "args": ["g h"]}"#, ["a", "b c", "d ef", "g h"]),
        (#"{"command": "a ''"}"#, ["a", ""]),
    ])
    func `has words`(text: String, words: [String]) throws {
        #expect(try request(text).words == words)
    }

    @Test(arguments: [
        "1", "[]", "{}", #"{"command": 1}"#, #"{"command": ""}"#, #"{"command": " "}"#, #"{"command": "a 'b"}"#,
        #"{"command": "a", "args": [[]]}"#, #"{"command": "a", "args": [1.5]}"#,
    ])
    func `refuses what is no request`(text: String) {
        #expect(throws: ControlProblem.self) { try request(text) }
    }

    @Test func `has frames with the length in front, the high byte first`() {
        let frame = ControlFrame.encode("{}")
        #expect(frame == [0, 0, 0, 2, 0x7b, 0x7d])
        #expect(ControlFrame.length(frame.span) == 2)
        #expect(ControlFrame.length(([1, 2, 3, 4] as [UInt8]).span) == 0x0102_0304)
        #expect(ControlFrame.length(([0, 0, 0] as [UInt8]).span) == nil)
    }

    @Test func `answers with the id that was asked with`() throws {
        let reply = ControlReply.encode(.object([("a", .number(1))]), to: .text("x"))
        #expect(
            String(decoding: reply.dropFirst(4), as: UTF8.self) == #"{"id": "x", "status": "ok", "data": {"a": 1}}"#)
        let refusal = try JSON(Array(ControlReply.encode(ControlProblem("no"), to: .null).dropFirst(4)))
        #expect(throws: ControlProblem.self) { try ControlReply.data(refusal) }
    }

    @Test func `has no reply that a client would not take`() throws {
        let long = JSON.text(String(repeating: "x", count: 1000))
        let refusal = try JSON(Array(ControlReply.encode(long, to: .number(1), limit: 1000).dropFirst(4)))
        #expect(refusal["error"]?.string == "the reply is longer than 1000 bytes")
        #expect(ControlReply.encode(long, to: .number(1), limit: 1100).count > 1000)
    }
}
