import TalonHTTP

/// What the endpoint answers.
struct EndpointResponse: Equatable {
    struct Field: Equatable {
        let name: String
        let value: String
    }

    var status = 200
    var fields: [Field] = []
    var body: [UInt8] = []

    init(_ status: Int = 200, type: String? = nil, body: [UInt8] = []) {
        self.status = status
        self.body = body
        if let type { add("Content-Type", type) }
    }

    /// A line for people.
    static func text(_ status: Int, _ line: String) -> EndpointResponse {
        EndpointResponse(status, type: "text/plain; charset=utf-8", body: Array("\(line)\n".utf8))
    }

    mutating func add(_ name: String, _ value: String) {
        fields.append(Field(name: name, value: value))
    }

    subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

    /// Sends it. False if the client is gone.
    func send(on exchange: Exchange) -> Bool {
        let standardReason: [UInt8] = []
        guard exchange.respond(status: status, reason: standardReason.span) else { return false }
        for field in fields + [Field(name: "Content-Length", value: "\(body.count)")] {
            guard exchange.addField(name: Array(field.name.utf8).span, value: Array(field.value.utf8).span) else {
                return false
            }
        }
        return exchange.write(body.span)
    }
}
