import CTalonPlugin
import Glibc
import TalonHTTP
import TalonHooks
import TalonPlatform

/// The request that one thread runs, as C sees it: a `talon_request` and a `talon_response`, made once for the thread
/// and filled once for each request; its hooks and the application share it. Nothing is copied: the texts point into
/// the connection's input, which does not move while a request runs.
final class RequestFace {
    /// What a hook wants answered in the application's place.
    struct Answer {
        var status: UInt32 = 0
        var contentType: [UInt8] = []
        var body: [UInt8] = []
    }

    let request: UnsafeMutablePointer<talon_request>
    let response: UnsafeMutablePointer<talon_response>
    private let block: UnsafeMutableRawPointer
    private var headers: UnsafeMutableBufferPointer<talon_header>
    private let servers: [(address: StableText, port: UInt16)]
    /// The next request's number, and how far the one after it is: threads count in steps, so that no two meet.
    private var nextID: UInt64
    private let step: UInt64
    /// The request that runs.
    private(set) unowned(unsafe) var exchange: Exchange?
    /// The point whose hooks run now; and on which thread.
    private(set) var point: HookPoint?
    private var thread = pthread_t()
    /// Whose request it is.
    unowned(unsafe) var application: PluginApplication?
    /// Where one thread runs one request: what it waits for when the application answers later.
    let completion = Completion()
    /// Stated by the hooks that run; status 0 is none.
    var answer = Answer()

    /// Behind the request in memory is the way back to its face; see ``of(_:)``.
    private static let backOffset = MemoryLayout<talon_request>.stride
    private static let http = StableText("http")
    private static let https = StableText("https")
    /// A larger answer's storage is not kept.
    private static let keptCapacity = 65536

    /// `thread` of `threads` uses it.
    init(servers: [(address: StableText, port: UInt16)], thread: Int, threads: Int) {
        self.servers = servers
        nextID = UInt64(thread) + 1
        step = UInt64(threads)
        block = .allocate(
            byteCount: RequestFace.backOffset + MemoryLayout<UnsafeMutableRawPointer>.size,
            alignment: MemoryLayout<talon_request>.alignment)
        request = block.bindMemory(to: talon_request.self, capacity: 1)
        request.initialize(to: talon_request())
        response = .allocate(capacity: 1)
        response.initialize(to: talon_response())
        headers = .allocate(capacity: 128)
        headers.initialize(repeating: talon_header())
        request.pointee.struct_size = UInt32(MemoryLayout<talon_request>.size)
        response.pointee.struct_size = UInt32(MemoryLayout<talon_response>.size)
        block.storeBytes(
            of: Unmanaged.passUnretained(self).toOpaque(), toByteOffset: RequestFace.backOffset,
            as: UnsafeMutableRawPointer.self)
    }

    deinit {
        block.deallocate()
        response.deallocate()
        headers.deallocate()
    }

    /// The face whose hook was given `call`; nil unless that hook runs now, and on this thread.
    static func of(_ call: UnsafePointer<talon_call>?) -> RequestFace? {
        guard let request = call?.pointee.request else { return nil }
        let back = (UnsafeRawPointer(request) + backOffset).load(as: UnsafeMutableRawPointer.self)
        let face = Unmanaged<RequestFace>.fromOpaque(back).takeUnretainedValue()
        guard face.request == UnsafeMutablePointer(mutating: request), face.point != nil,
            pthread_equal(face.thread, pthread_self()) != 0
        else { return nil }
        return face
    }

    // MARK: The thread's own side

    /// Takes the request of `exchange`. False if there is none.
    func begin(_ exchange: Exchange) -> Bool {
        guard let connection = exchange.connection, let base = connection.input.address else { return false }
        fill(connection, base)
        self.exchange = exchange
        return true
    }

    /// The application, or the hooks after it, are done.
    func end() { exchange = nil }

    /// Takes the same request again, with its response, once that is out. False if there is none.
    func resume(_ exchange: Exchange) -> Bool {
        guard exchange.connection != nil else { return false }
        self.exchange = exchange
        request.pointee.bytes = UInt64(exchange.bytesReceived)
        response.pointee.status = UInt32(exchange.status)
        response.pointee.bytes = UInt64(exchange.bytesSent)
        response.pointee.duration_ns = exchange.endedAt &- exchange.startedAt
        return true
    }

    /// From now on hooks of `point` run on this thread; nil: no more.
    func enter(_ point: HookPoint?) {
        thread = pthread_self()
        self.point = point
        forgetAnswer()
    }

    /// Nothing is stated any more.
    func forgetAnswer() {
        guard answer.status != 0 else { return }
        answer.status = 0
        if answer.body.capacity > RequestFace.keptCapacity { answer.body = [] }
    }

    private func fill(_ connection: Connection, _ base: UnsafePointer<UInt8>) {
        func text(_ range: ByteRange) -> talon_str {
            let start = UnsafeRawPointer(base + Int(range.lower)).assumingMemoryBound(to: CChar.self)
            return talon_str(data: start, size: range.count)
        }
        let count = connection.head.fields.count
        if count > headers.count { grow(to: count) }
        for index in 0..<count {
            let field = connection.head.fields[index]
            headers[index] = talon_header(name: text(field.name), value: text(field.value))
        }
        let server = servers[connection.listenerIndex]
        let peer = connection.peer
        let scheme = connection.head.isSecure ? RequestFace.https : RequestFace.http
        request.pointee.scheme = talon_str(data: scheme.address, size: scheme.count)
        request.pointee.version_major = UInt16(connection.head.otherVersion?.major ?? 1)
        request.pointee.version_minor = UInt16(connection.head.otherVersion?.minor ?? connection.head.versionMinor)
        request.pointee.id = nextID
        nextID += step
        request.pointee.method = text(connection.head.method)
        request.pointee.target = text(connection.head.target)
        request.pointee.path = text(connection.head.path)
        request.pointee.query = text(connection.head.query)
        request.pointee.headers = UnsafePointer(headers.baseAddress)
        request.pointee.header_count = count
        request.pointee.remote_port = UInt32(peer.port)
        request.pointee.remote_address = talon_str(data: peer.address.address, size: peer.address.count)
        request.pointee.server_address = talon_str(data: server.address.address, size: server.address.count)
        request.pointee.server_port = UInt32(server.port)
        request.pointee.bytes = 0
        switch connection.head.framing {
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
