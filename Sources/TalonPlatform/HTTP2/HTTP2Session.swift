import CTalonPlatform

/// Whom a session tells what the client does. Called from ``HTTP2Session/receive(_:)`` and
/// ``HTTP2Session/nextOutput(_:)``, on their thread; neither may be called meanwhile.
package protocol HTTP2SessionHost: AnyObject {
    /// The head of a request begins.
    func begin(stream: Int32)
    /// One of its fields, in the client's order, pseudo-header fields first (RFC 9113 §8.3).
    func field(stream: Int32, name: Span<UInt8>, value: Span<UInt8>)
    /// The head is whole.
    func request(stream: Int32, hasBody: Bool)
    /// Bytes of the body, which count against the stream's window until ``HTTP2Session/consume(stream:count:)``.
    func data(stream: Int32, bytes: Span<UInt8>)
    /// The body is whole, of the length that was announced.
    func end(stream: Int32)
    /// The stream is no more.
    func closed(stream: Int32, _ error: HTTP2Error)
    /// Bytes of the response's body are wanted.
    func body(stream: Int32, into target: inout OutputRawSpan) -> HTTP2Body
    /// The client has done something that costs us more than it.
    func burdened(by burden: HTTP2Burden)
    /// The client has answered ``HTTP2Session/ask()``.
    func answered()
}

/// What came of asking for a part of a response's body.
package enum HTTP2Body: Sendable {
    case bytes(isLast: Bool)
    /// ``HTTP2Session/resume(stream:)`` tells when to ask again.
    case nothingYet
    /// The rest will never come.
    case broken
}

package enum HTTP2Burden: Sendable {
    /// A frame without a request, or a stream that is refused.
    case control
    /// A stream that the client has reset, or made us reset.
    case reset
}

/// The fields of a head that is sent.
package struct HTTP2Fields: Sendable, CustomStringConvertible {
    private(set) var text: [UInt8] = []
    private(set) var sizes: [(name: UInt32, value: UInt32)] = []

    /// With the status, which comes before all others; RFC 9113 §8.3.2.
    package init(status: Int) {
        let (name, value) = (":status".utf8, "\(status)".utf8)
        text = Array(name) + Array(value)
        sizes = [(UInt32(name.count), UInt32(value.count))]
    }

    /// "name=value " of each, for tests.
    package var description: String {
        var rest = text[...]
        return sizes.map { size in
            let name = String(decoding: rest.prefix(Int(size.name)), as: UTF8.self)
            rest = rest.dropFirst(Int(size.name))
            let value = String(decoding: rest.prefix(Int(size.value)), as: UTF8.self)
            rest = rest.dropFirst(Int(size.value))
            return "\(name)=\(value) "
        }.joined()
    }

    /// Adds a field, its name in lower case (RFC 9113 §8.2).
    package mutating func append(name: Span<UInt8>, value: Span<UInt8>) {
        text.reserveCapacity(text.count + name.count + value.count)
        for index in name.indices { text.append(name[index] &- 0x41 < 26 ? name[index] | 0x20 : name[index]) }
        for index in value.indices { text.append(value[index]) }
        sizes.append((UInt32(name.count), UInt32(value.count)))
    }
}

/// The server's end of an HTTP/2 connection: frames, compression of heads, windows, and the order of things. Bytes come
/// and go by others. One thread at a time.
package final class HTTP2Session {
    private let library: UnsafePointer<talon_http2_library>
    private let session: OpaquePointer
    /// What the library is given as its host.
    private let way: Way

    private final class Way {
        weak var host: (any HTTP2SessionHost)?
    }

    /// nil if there is no memory. `host` outlives the session.
    package init?(_ library: HTTP2Library, limits: HTTP2Limits, host: any HTTP2SessionHost) {
        let way = Way()
        way.host = host
        var wanted = talon_http2_limits(
            max_concurrent_streams: limits.concurrentStreams, initial_window_size: limits.initialWindow,
            max_frame_size: limits.frameSize, max_header_list_size: limits.headerListSize)
        var events = HTTP2Session.events(Unmanaged.passUnretained(way).toOpaque())
        guard let session = library.table.pointee.create(&wanted, &events) else { return nil }
        self.session = session
        self.library = library.table
        self.way = way
    }

    deinit {
        library.pointee.destroy(session)
    }

    /// Takes bytes of the client. False: nothing more can be understood; the connection ends when all is sent.
    package func receive(_ bytes: Span<UInt8>) -> Bool {
        bytes.withUnsafeBufferPointer { library.pointee.receive(session, $0.baseAddress, $0.count) == 0 }
    }

    /// Gives the next bytes for the client to `take`. False if there are none now.
    package func nextOutput(_ take: (Span<UInt8>) -> Void) -> Bool {
        var bytes: UnsafePointer<UInt8>?
        let count = library.pointee.send(session, &bytes)
        guard count > 0 else { return false }
        take(UnsafeBufferPointer(start: bytes, count: count).span)
        return true
    }

    /// False: both sides are done.
    package var isOpen: Bool { library.pointee.is_open(session) != 0 }

    /// Frames that wait to be sent, without those of bodies.
    package var backlog: Int { library.pointee.backlog(session) }

    /// Sends a head, of which the first field is `:status`. `isFinal`: no other follows, and `hasBody` says whether a body
    /// does. False if the stream is no more.
    package func respond(stream: Int32, _ fields: HTTP2Fields, isFinal: Bool, hasBody: Bool) -> Bool {
        let sizes = fields.sizes.map { talon_http2_field(name_size: $0.name, value_size: $0.value) }
        return library.pointee.respond(
            session, stream, fields.text, sizes, sizes.count, isFinal ? 1 : 0, hasBody ? 1 : 0) == 0
    }

    /// After ``HTTP2Body/nothingYet``.
    package func resume(stream: Int32) { library.pointee.resume(session, stream) }

    /// So many bytes of a body are out of the way, and the client may send as many more.
    package func consume(stream: Int32, count: Int) { library.pointee.consume(session, stream, count) }

    /// Ends a stream at once.
    package func reset(stream: Int32, _ error: HTTP2Error) { library.pointee.reset(session, stream, error.code) }

    /// Has the client say a word (PING): it comes after all that it sent before.
    package func ask() { library.pointee.ask(session) }

    /// Says that no new streams are wanted, and still takes those that are on their way; RFC 9113 §6.8.
    package func announceEnd() { library.pointee.announce_end(session) }

    /// Takes no new streams from here on.
    package func refuseStreams() { library.pointee.refuse_streams(session) }

    /// Ends all streams.
    package func terminate(_ error: HTTP2Error) { library.pointee.terminate(session, error.code) }

    private static func host(_ pointer: UnsafeMutableRawPointer?) -> (any HTTP2SessionHost)? {
        pointer.flatMap { Unmanaged<Way>.fromOpaque($0).takeUnretainedValue().host }
    }

    private static func span(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: bytes, count: bytes == nil ? 0 : count)
    }

    private static func events(_ way: UnsafeMutableRawPointer) -> talon_http2_events {
        var events = talon_http2_events()
        events.host = way
        events.begin = { HTTP2Session.host($0)?.begin(stream: $1) }
        events.field = { way, stream, name, nameSize, value, valueSize in
            let (name, value) = (HTTP2Session.span(name, nameSize), HTTP2Session.span(value, valueSize))
            HTTP2Session.host(way)?.field(stream: stream, name: name.span, value: value.span)
        }
        events.request = { HTTP2Session.host($0)?.request(stream: $1, hasBody: $2 == 0) }
        events.data = { way, stream, bytes, size in
            HTTP2Session.host(way)?.data(stream: stream, bytes: HTTP2Session.span(bytes, size).span)
        }
        events.end = { HTTP2Session.host($0)?.end(stream: $1) }
        events.closed = { HTTP2Session.host($0)?.closed(stream: $1, HTTP2Error(code: $2)) }
        events.body = { way, stream, target, size, ends in
            guard let host = HTTP2Session.host(way), let target else { return Int(TALON_HTTP2_BROKEN) }
            let buffer = UnsafeMutableRawBufferPointer(start: target, count: size)
            var output = OutputRawSpan(buffer: buffer, initializedCount: 0)
            switch host.body(stream: stream, into: &output) {
            case .nothingYet: return Int(TALON_HTTP2_NOTHING_YET)
            case .broken: return Int(TALON_HTTP2_BROKEN)
            case .bytes(let isLast):
                ends?.pointee = isLast ? 1 : 0
                return output.finalize(for: buffer)
            }
        }
        events.burden = { HTTP2Session.host($0)?.burdened(by: $1 == TALON_HTTP2_RESET ? .reset : .control) }
        events.answered = { HTTP2Session.host($0)?.answered() }
        return events
    }
}
