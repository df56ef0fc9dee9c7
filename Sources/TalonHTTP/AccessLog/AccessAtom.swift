/// One part of an access line.
enum AccessAtom: Equatable, Sendable {
    case literal([UInt8])
    case remoteAddress, user, time, requestLine, method, path, query, version, status, bodyBytes, referer, userAgent
    case seconds, milliseconds, microseconds, decimalSeconds, processID
    case rawTarget
    /// `{name}i`, in lower case.
    case requestField([UInt8])
    /// `{name}o`, in lower case.
    case responseField([UInt8])
    /// `{name}e`, in lower case: what the application has stated, else a part of the request.
    indirect case variable([UInt8], otherwise: AccessAtom)
    /// An atom without a value here: `l`, and any that is unknown.
    ///
    /// Prints `-`.
    case missing

    /// The atom of this name, which is what stands between the parentheses.
    init(named name: Substring.UTF8View) {
        var text = Array(name)
        if text.first == 0x7B, text.count >= 3, text[text.count - 2] == 0x7D {
            for index in text.indices { text[index] = Byte.lower(text[index]) }
            let inner = Array(text[1..<text.count - 2])
            switch text.last {
            case 0x69: self = .requestField(inner)
            case 0x6F: self = .responseField(inner)
            case 0x65: self = .variable(inner, otherwise: Self.environment(inner))
            default: self = .missing
            }
            return
        }
        self = text.count == 1 ? Self.letter(text[0]) : .missing
    }

    private static func letter(_ letter: UInt8) -> AccessAtom {
        switch letter {
        case UInt8(ascii: "h"): .remoteAddress
        case UInt8(ascii: "u"): .user
        case UInt8(ascii: "t"): .time
        case UInt8(ascii: "r"): .requestLine
        case UInt8(ascii: "m"): .method
        case UInt8(ascii: "U"): .path
        case UInt8(ascii: "q"): .query
        case UInt8(ascii: "H"): .version
        case UInt8(ascii: "s"): .status
        case UInt8(ascii: "b"), UInt8(ascii: "B"): .bodyBytes
        case UInt8(ascii: "f"): .referer
        case UInt8(ascii: "a"): .userAgent
        case UInt8(ascii: "T"): .seconds
        case UInt8(ascii: "M"): .milliseconds
        case UInt8(ascii: "D"): .microseconds
        case UInt8(ascii: "L"): .decimalSeconds
        case UInt8(ascii: "p"): .processID
        default: .missing
        }
    }

    /// The variables of the WSGI environment that come from the request.
    private static func environment(_ name: [UInt8]) -> AccessAtom {
        switch String(decoding: name, as: UTF8.self) {
        case "request_method": .method
        case "raw_uri", "request_uri": .rawTarget
        case "path_info": .path
        case "query_string": .query
        case "server_protocol": .version
        case "remote_addr": .remoteAddress
        case "content_type": .requestField(Array("content-type".utf8))
        case "content_length": .requestField(Array("content-length".utf8))
        case let other where other.hasPrefix("http_"):
            .requestField(name.dropFirst(5).map { $0 == 0x5F ? 0x2D : $0 })
        default: .missing
        }
    }
}
