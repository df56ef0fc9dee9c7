/// A response as it came.
package struct HTTPResponse: Sendable {
    package let version: String
    package let status: Int
    package let reason: String
    /// In order, as sent.
    package let headers: [(name: String, value: String)]
    /// Without the framing of chunks.
    package let body: [UInt8]
    /// The sizes of the chunks, when it was chunked.
    package let chunks: [Int]

    package var text: String { String(decoding: body, as: UTF8.self) }

    /// The first field of this name, whatever its case.
    package subscript(_ name: String) -> String? { all(name).first }

    package func all(_ name: String) -> [String] {
        headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    }

    /// Whether the connection can carry another request.
    package var keepsAlive: Bool {
        let options = all("connection").joined(separator: ",").lowercased()
        return version == "HTTP/1.1" ? !options.contains("close") : options.contains("keep-alive")
    }
}
