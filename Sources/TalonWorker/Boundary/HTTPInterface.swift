import CTalonPlugin
import TalonHTTP
import TalonHooks
import TalonPlatform

/// `talon.http/1`: the request of the hook that runs, for that hook.
enum HTTPInterface {
    /// Offers it to the plugins of this process. Before any of them is loaded.
    static func offer() {
        HostInterfaces.offerHTTP(
            talon_http_1(
                struct_size: UInt32(MemoryLayout<talon_http_1>.size), header: requestHeader, body: requestBody,
                add_header: addHeader, respond: stateAnswer))
    }

    /// Statuses that a hook may answer with.
    fileprivate static let statuses: ClosedRange<UInt32> = 200...599
    /// A larger body is not shown to hooks.
    fileprivate static let bodyLimit: Int64 = 65536
}

private var nothing: talon_str { talon_str(data: nil, size: 0) }

/// The face, in pre_request only.
private func faceBefore(_ call: UnsafePointer<talon_call>?) -> RequestFace? {
    guard let face = RequestFace.of(call), face.point == .preRequest else { return nil }
    return face
}

private func requestHeader(_ call: UnsafePointer<talon_call>?, _ name: UnsafePointer<CChar>?) -> talon_str {
    guard let name, let request = RequestFace.of(call)?.request.pointee else { return nothing }
    let fields = UnsafeBufferPointer(start: request.headers, count: request.header_count)
    return fields.first { isSame($0.name.bytes, name) }?.value ?? nothing
}

/// Whether `bytes` are the NUL-terminated `name`, in any case.
private func isSame(_ bytes: UnsafeBufferPointer<UInt8>, _ name: UnsafePointer<CChar>) -> Bool {
    func lower(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte }
    for index in 0..<bytes.count {
        // A shorter name ends with a NUL, which no field name has.
        let other = UInt8(bitPattern: name[index])
        guard other != 0, lower(bytes[index]) == lower(other) else { return false }
    }
    return name[bytes.count] == 0
}

private func requestBody(_ call: UnsafePointer<talon_call>?) -> talon_str {
    guard let connection = faceBefore(call)?.exchange?.connection, let base = connection.input.address,
        case .length(let length) = connection.head.framing, length <= HTTPInterface.bodyLimit,
        connection.input.count - connection.head.byteCount >= Int(length)
    else { return nothing }
    let start = UnsafeRawPointer(base + connection.head.byteCount).assumingMemoryBound(to: CChar.self)
    return talon_str(data: start, size: Int(length))
}

private func addHeader(_ call: UnsafePointer<talon_call>?, _ name: talon_str, _ value: talon_str) -> Int32 {
    guard let exchange = faceBefore(call)?.exchange else { return -1 }
    return exchange.addToResponse(name: name.bytes.span, value: value.bytes.span) ? 0 : -1
}

private func stateAnswer(
    _ call: UnsafePointer<talon_call>?, _ status: UInt32, _ contentType: talon_str, _ body: talon_str
) -> Int32 {
    guard let face = faceBefore(call), HTTPInterface.statuses.contains(status),
        ResponseHead.isValid(value: contentType.bytes.span)
    else { return -1 }
    face.answer.contentType.removeAll(keepingCapacity: true)
    face.answer.contentType.append(contentsOf: contentType.bytes)
    face.answer.body.removeAll(keepingCapacity: true)
    face.answer.body.append(contentsOf: body.bytes)
    face.answer.status = status
    return 0
}
