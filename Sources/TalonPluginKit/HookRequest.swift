import CTalonPlugin

/// The request that pre_request and post_request are called for.
///
/// Its texts are what a client sent, of any encoding: bytes that are not UTF-8 are replaced when they are read.
public struct HookRequest {
    let call: UnsafePointer<talon_call>
    let facts: UnsafePointer<talon_request>

    /// Unique in this worker.
    public var id: UInt64 { facts.pointee.id }
    /// `GET`, ...
    public var method: String { String(copying: facts.pointee.method) }
    /// The target up to "?", not percent-decoded.
    public var path: String { String(copying: facts.pointee.path) }
    /// After "?"; empty if there is none.
    public var query: String { String(copying: facts.pointee.query) }
    /// `http` or `https`.
    public var scheme: String { String(copying: facts.pointee.scheme) }
    /// Empty for a unix socket.
    public var remoteAddress: String { String(copying: facts.pointee.remote_address) }
    /// The declared length of the body; nil when none is declared.
    public var contentLength: Int64? { facts.pointee.content_length < 0 ? nil : facts.pointee.content_length }

    /// Bytes of the body that were read so far; nil if the host is too old to say.
    public var bytes: UInt64? {
        let isKnown = has(\talon_request.bytes, size: facts.pointee.struct_size)
        return isKnown ? facts.pointee.bytes : nil
    }

    /// All header fields, as they were sent.
    public var headers: [(name: String, value: String)] {
        UnsafeBufferPointer(start: facts.pointee.headers, count: facts.pointee.headers == nil ? 0 : count)
            .map { (String(copying: $0.name), String(copying: $0.value)) }
    }

    /// The value of the first header field of that name, in any case.
    public func header(_ name: String) -> String? {
        guard let find = http?.pointee.header else { return nil }
        return String(copyingIfAny: find(call, name))
    }

    /// The body, if its length was declared, is 64 KiB at most and has arrived. In pre_request only; the application
    /// still reads it.
    public var body: [UInt8]? {
        guard let body = http?.pointee.body?(call), let data = body.data else { return nil }
        return [UInt8](UnsafeRawBufferPointer(start: data, count: body.size))
    }

    /// Adds a field to the response that the application will send. In pre_request only. False: the host did not take
    /// it, because it is invalid, the host's own, or one too many.
    @discardableResult
    public func addHeader(_ name: String, _ value: String) -> Bool {
        guard let add = http?.pointee.add_header else { return false }
        return name.withTalonString { name in value.withTalonString { add(call, name, $0) == 0 } }
    }

    /// States the answer that is sent if the hook then returns `.deny`; without it that is 403. In pre_request only.
    /// False: the host did not take it.
    @discardableResult
    public func respond(_ status: Int, contentType: String = "text/plain; charset=utf-8", body: String = "") -> Bool {
        guard let respond = http?.pointee.respond, let status = UInt32(exactly: status) else { return false }
        return contentType.withTalonString { type in
            body.withTalonString { respond(call, status, type, $0) == 0 }
        }
    }

    private var count: Int { facts.pointee.header_count }

    private var http: UnsafePointer<talon_http_1>? {
        call.pointee.host.map { PluginHost($0) }?.interface(TALON_INTERFACE_HTTP, as: talon_http_1.self)
    }
}
