import CTalonPlugin
import TalonHTTP
import TalonPlatform

/// One exchange as C sees it: a `talon_exchange` and a `talon_request`, made once for a thread and filled for each
/// request. Nothing is copied: the texts point into the connection's input, which does not move while a request runs.
final class ExchangeFace {
    private let face: UnsafeMutablePointer<talon_exchange>
    private let request: UnsafeMutablePointer<talon_request>
    private var headers: UnsafeMutableBufferPointer<talon_header>
    private let servers: [(address: StableText, port: UInt16)]
    /// The request that runs.
    fileprivate private(set) unowned(unsafe) var exchange: Exchange?
    private var nextID: UInt64 = 0

    init(servers: [(address: StableText, port: UInt16)]) {
        self.servers = servers
        face = .allocate(capacity: 1)
        request = .allocate(capacity: 1)
        headers = .allocate(capacity: 128)
        headers.initialize(repeating: talon_header())
        request.initialize(to: talon_request())
        request.pointee.struct_size = UInt32(MemoryLayout<talon_request>.size)
        request.pointee.version_major = 1
        request.pointee.scheme = talon_str(data: ExchangeFace.http.address, size: ExchangeFace.http.count)
        face.initialize(
            to: talon_exchange(
                struct_size: UInt32(MemoryLayout<talon_exchange>.size), reserved: 0, context: nil,
                request: UnsafePointer(request), read: exchangeRead, respond: exchangeRespond, write: exchangeWrite,
                flush: exchangeFlush, head_sent: exchangeHeadSent, duplicate_descriptor: exchangeDuplicate))
        face.pointee.context = Unmanaged.passUnretained(self).toOpaque()
    }

    deinit {
        face.deallocate()
        request.deallocate()
        headers.deallocate()
    }

    private static let http = StableText("http")

    /// Runs `body` with the request of `exchange`.
    func with<Result>(_ exchange: Exchange, _ body: (UnsafePointer<talon_exchange>) -> Result) -> Result? {
        guard let connection = exchange.connection, let base = connection.input.address else { return nil }
        fill(connection, base)
        self.exchange = exchange
        defer { self.exchange = nil }
        return body(face)
    }

    private func fill(_ connection: Connection, _ base: UnsafePointer<UInt8>) {
        let head = connection.head
        func text(_ range: ByteRange) -> talon_str {
            let start = UnsafeRawPointer(base + Int(range.lower)).assumingMemoryBound(to: CChar.self)
            return talon_str(data: start, size: range.count)
        }
        if head.fields.count > headers.count { grow(to: head.fields.count) }
        for (index, field) in head.fields.enumerated() {
            headers[index] = talon_header(name: text(field.name), value: text(field.value))
        }
        nextID += 1
        let server = servers[connection.listenerIndex]
        let peer = connection.peer
        request.pointee.version_minor = UInt16(head.versionMinor)
        request.pointee.id = nextID
        request.pointee.method = text(head.method)
        request.pointee.target = text(head.target)
        request.pointee.path = text(head.path)
        request.pointee.query = text(head.query)
        request.pointee.headers = UnsafePointer(headers.baseAddress)
        request.pointee.header_count = head.fields.count
        request.pointee.remote_port = UInt32(peer.port)
        request.pointee.remote_address = talon_str(data: peer.address.address, size: peer.address.count)
        request.pointee.server_address = talon_str(data: server.address.address, size: server.address.count)
        request.pointee.server_port = UInt32(server.port)
        switch head.framing {
        case .none: (request.pointee.content_length, request.pointee.chunked) = (-1, 0)
        case .length(let length): (request.pointee.content_length, request.pointee.chunked) = (length, 0)
        case .chunked: (request.pointee.content_length, request.pointee.chunked) = (-1, 1)
        }
    }

    private func grow(to count: Int) {
        headers.deallocate()
        headers = .allocate(capacity: count)
        headers.initialize(repeating: talon_header())
    }
}

private func exchange(_ face: UnsafePointer<talon_exchange>?) -> Exchange? {
    guard let context = face?.pointee.context else { return nil }
    return Unmanaged<ExchangeFace>.fromOpaque(context).takeUnretainedValue().exchange
}

extension talon_str {
    /// The bytes. An application's NULL is an empty text.
    fileprivate var bytes: UnsafeBufferPointer<UInt8> {
        guard let data, size > 0 else { return UnsafeBufferPointer(start: nil, count: 0) }
        let start = UnsafeRawPointer(data).assumingMemoryBound(to: UInt8.self)
        return UnsafeBufferPointer(start: start, count: size)
    }
}

private func exchangeRead(
    _ face: UnsafePointer<talon_exchange>?, _ buffer: UnsafeMutableRawPointer?, _ size: Int
) -> Int64 {
    guard let exchange = exchange(face), let buffer, size > 0 else { return size == 0 ? 0 : -1 }
    var target = OutputRawSpan(
        buffer: UnsafeMutableRawBufferPointer(start: buffer, count: size), initializedCount: 0)
    guard let count = exchange.read(into: &target) else { return -1 }
    return Int64(count)
}

private func exchangeRespond(
    _ face: UnsafePointer<talon_exchange>?, _ status: UInt32, _ reason: talon_str,
    _ headers: UnsafePointer<talon_header>?, _ count: Int
) -> Int32 {
    guard let exchange = exchange(face), let status = Int(exactly: status),
        exchange.respond(status: status, reason: reason.bytes.span)
    else { return -1 }
    for field in UnsafeBufferPointer(start: headers, count: headers == nil ? 0 : count) {
        guard exchange.addField(name: field.name.bytes.span, value: field.value.bytes.span) else { return -1 }
    }
    return 0
}

private func exchangeWrite(_ face: UnsafePointer<talon_exchange>?, _ bytes: talon_str) -> Int32 {
    guard let exchange = exchange(face) else { return -1 }
    return exchange.write(bytes.bytes.span) ? 0 : -1
}

private func exchangeFlush(_ face: UnsafePointer<talon_exchange>?) -> Int32 {
    exchange(face)?.flush() == true ? 0 : -1
}

private func exchangeHeadSent(_ face: UnsafePointer<talon_exchange>?) -> Int32 {
    exchange(face)?.isCommitted == true ? 1 : 0
}

private func exchangeDuplicate(_ face: UnsafePointer<talon_exchange>?) -> Int32 {
    exchange(face)?.connection?.socket.duplicate()?.rawValue ?? -1
}
