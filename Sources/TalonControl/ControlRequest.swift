package import TalonPlatform

/// What a client asks: `{"id": 1, "command": "worker add", "args": [2]}`.
package struct ControlRequest: Sendable {
    /// Whatever the client put there; it comes back with the reply.
    package let id: JSON
    /// The words of command and arguments.
    package let words: [String]

    package init(id: JSON = .number(1), words: [String]) {
        self.id = id
        self.words = words
    }

    /// Reads what a client has sent. Words of `command` may be quoted, as a shell's.
    package init(_ value: JSON) throws(ControlProblem) {
        guard value.fields != nil, let command = value["command"]?.string else {
            throw ControlProblem("a request is an object with a text \"command\"")
        }
        var words = try Self.words(of: command)
        for argument in value["args"]?.elements ?? [] {
            switch argument {
            case .text(let text): words.append(text)
            case .number(let number): words.append("\(number)")
            default: throw ControlProblem("\"args\" are texts and whole numbers")
            }
        }
        guard !words.isEmpty else { throw ControlProblem("Empty command") }
        id = value["id"] ?? .number(0)
        self.words = words
    }

    package var encoded: [UInt8] {
        let value = JSON.object([
            ("id", id), ("command", .text(words.first ?? "")), ("args", .texts(Array(words.dropFirst()))),
        ])
        return ControlFrame.encode(value.encoded)
    }

    private static func words(of command: String) throws(ControlProblem) -> [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        for character in command {
            switch (quote, character) {
            case (nil, "\""), (nil, "'"):
                quote = character
                word = word ?? ""
            case (let open?, character) where open == character: quote = nil
            case (nil, _) where character.isWhitespace:
                if let done = word { words.append(done) }
                word = nil
            default:
                // In place: a copy for each character would hold up the master.
                if word == nil { word = "" }
                word?.append(character)
            }
        }
        guard quote == nil else { throw ControlProblem("Invalid argument: No closing quotation") }
        return words + (word.map { [$0] } ?? [])
    }
}

/// Why a request cannot be answered: one sentence.
package struct ControlProblem: Error, CustomStringConvertible, Sendable {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}

/// `{"id": 1, "status": "ok", "data": {…}}`, or `"status": "error", "error": "…"`.
package enum ControlReply {
    /// A problem instead, if the frame would be longer than `limit`.
    package static func encode(_ data: JSON, to id: JSON, limit: Int = ControlFrame.replyLimit) -> [UInt8] {
        let frame = frame([("id", id), ("status", .text("ok")), ("data", data)])
        guard frame.count > limit + ControlFrame.headSize else { return frame }
        return encode(ControlProblem("the reply is longer than \(limit) bytes"), to: id)
    }

    package static func encode(_ problem: ControlProblem, to id: JSON) -> [UInt8] {
        frame([("id", id), ("status", .text("error")), ("error", .text(problem.description))])
    }

    private static func frame(_ fields: [(name: String, value: JSON)]) -> [UInt8] {
        ControlFrame.encode(JSON.object(fields).encoded)
    }

    /// The data of a reply, or the problem that it tells.
    package static func data(_ value: JSON) throws(ControlProblem) -> JSON {
        switch value["status"]?.string {
        case "ok": return value["data"] ?? .object([])
        case "error": throw ControlProblem(value["error"]?.string ?? "an error without a text")
        default: throw ControlProblem("the other side does not speak the protocol of a control socket")
        }
    }
}
