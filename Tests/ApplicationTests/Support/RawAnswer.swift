import Glibc
import TalonTesting

/// What came on a connection until its end.
struct RawAnswer {
    enum Ending { case closed, reset, late }

    let bytes: [UInt8]
    let ending: Ending

    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The status of the first response; nil when there is none.
    var status: Int? {
        let line = text.prefix { $0 != "\r\n" }.split(separator: " ")
        return line.count > 1 && line[0].hasPrefix("HTTP/1.") ? Int(line[1]) : nil
    }

    /// How many status lines there are.
    var responses: Int {
        text.split(separator: "HTTP/1.1 ", omittingEmptySubsequences: false).dropFirst().count {
            $0.first?.isNumber == true
        }
    }
}

extension HTTPConnection {
    /// Reads until the server ends the connection.
    func receiveToEnd(within allowed: Duration? = nil) -> RawAnswer {
        let deadline = Deadline(allowed ?? self.allowed)
        var bytes: [UInt8] = []
        do {
            while let more = try receiveBytes(within: .milliseconds(Int(deadline.milliseconds))) {
                if more.isEmpty { return RawAnswer(bytes: bytes, ending: .closed) }
                bytes += more
            }
            return RawAnswer(bytes: bytes, ending: .late)
        } catch {
            return RawAnswer(bytes: bytes, ending: .reset)
        }
    }

    /// Reads until what came has this text; returns all that came.
    func receive(until text: String) throws -> String {
        let deadline = Deadline(allowed)
        var bytes: [UInt8] = []
        while !deadline.isOver {
            let more = try receiveBytes(within: .milliseconds(Int(deadline.milliseconds)))
            guard let more, !more.isEmpty else { break }
            bytes += more
            let so = String(decoding: bytes, as: UTF8.self)
            if so.contains(text) { return so }
        }
        throw TestFailure("no \(text.debugDescription) in \(String(decoding: bytes, as: UTF8.self).debugDescription)")
    }

    /// Sends bytes and reads until the end of the connection.
    func exchange(_ text: String, within allowed: Duration? = nil) throws -> RawAnswer {
        try send(text)
        return receiveToEnd(within: allowed)
    }
}

extension TalonServer {
    /// A connection of its own for bytes as they are, and what came on it until its end.
    func exchange(_ text: String, within allowed: Duration? = nil) throws -> RawAnswer {
        try client.connect().exchange(text, within: allowed)
    }

    /// The pid of the worker that answers.
    func answeringPid(_ target: String = "/pid") throws -> Int32 {
        try Int32(client.get(target).text) ?? { throw TestFailure("no pid at \(target)") }()
    }
}

/// Lets time pass. For what makes a test sharper, never for what it needs.
func pause(milliseconds: Int32) {
    _ = poll(nil, 0, milliseconds)
}
