import TalonHTTP
import TalonPlatform

/// What the endpoint wants to know of a request.
struct EndpointRequest {
    var method: String
    var path: String
    /// What follows the "?".
    var query = ""
    /// Values of fields; several of one name are joined as RFC 9110 §5.3 says.
    var accept: String?
    var acceptEncoding: String?
    /// Of several, none counts.
    var authorization: String?
}

extension EndpointRequest {
    init(_ connection: Connection) {
        let head = connection.head
        self = connection.input.withBytes { bytes in
            func text(_ range: ByteRange) -> String {
                var copy: [UInt8] = []
                for index in range.range { copy.append(bytes[index]) }
                return String(decoding: copy, as: UTF8.self)
            }
            func values(_ name: String) -> [String] {
                head.fields.filter { text($0.name).lowercased() == name }.map { text($0.value) }
            }
            func joined(_ name: String) -> String? {
                let all = values(name)
                return all.isEmpty ? nil : all.joined(separator: ", ")
            }
            let authorization = values("authorization")
            return EndpointRequest(
                method: text(head.method), path: text(head.path), query: text(head.query), accept: joined("accept"),
                acceptEncoding: joined("accept-encoding"),
                authorization: authorization.count == 1 ? authorization.first : nil)
        }
    }
}
