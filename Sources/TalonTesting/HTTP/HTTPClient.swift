/// Requests that each have a connection of their own.
package struct HTTPClient: Sendable {
    package let endpoint: Endpoint
    package var allowed: Duration

    package init(_ endpoint: Endpoint, within allowed: Duration = .seconds(20)) {
        self.endpoint = endpoint
        self.allowed = allowed
    }

    package func connect() throws -> HTTPConnection {
        try HTTPConnection(endpoint, within: allowed)
    }

    package func get(_ target: String, headers: [(String, String)] = []) throws -> HTTPResponse {
        try request("GET", target, headers: headers)
    }

    package func request(
        _ method: String, _ target: String, headers: [(String, String)] = [], body: [UInt8]? = nil
    ) throws -> HTTPResponse {
        let connection = try connect()
        defer { connection.close() }
        return try connection.request(method, target, headers: headers + [("Connection", "close")], body: body)
    }
}
