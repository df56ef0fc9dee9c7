import CTalonPlugin
import TalonHTTP
import TalonPlatform

/// An application that speaks `talon.app/1`, Python's host included, and the hooks around its requests.
final class PluginApplication: WorkerApplication, @unchecked Sendable {
    // Unchecked: the table is constant, and each face belongs to the thread of its request.
    private let table: UnsafePointer<talon_app_1>
    private let state: UnsafeMutableRawPointer?
    /// By ``Exchange/thread``. Made when they are needed where there may be many, which is on one thread.
    private var faces: [ExchangeFace?]
    private let servers: [(address: StableText, port: UInt16)]
    private let hooks: RequestHooks?
    /// It runs on the worker's main thread, where signals reach it.
    private let isInline: Bool
    private let isAsynchronous: Bool
    weak var server: HTTPServer?

    /// `lanes`: how many exchanges there may be.
    init(
        table: UnsafePointer<talon_app_1>, state: UnsafeMutableRawPointer?, lanes: Int, isAsynchronous: Bool,
        listeners: [ListenAddress], hooks: RequestHooks?
    ) {
        self.table = table
        self.state = state
        self.hooks = hooks
        self.isAsynchronous = isAsynchronous
        isInline = lanes == 1 || (isAsynchronous && table.pointee.interruption != nil)
        let servers = listeners.map { (address: StableText($0.parts.host), port: $0.parts.port) }
        self.servers = servers
        faces = Array(repeating: nil, count: lanes)
        if !isAsynchronous { for lane in 0..<lanes { faces[lane] = makeFace(lane) } }
    }

    private func makeFace(_ lane: Int) -> ExchangeFace {
        let face = ExchangeFace(RequestFace(servers: servers, thread: lane, threads: faces.count))
        face.request.application = self
        return face
    }

    @inline(__always)
    private func face(of exchange: Exchange) -> ExchangeFace? {
        guard faces.indices.contains(exchange.thread) else { return nil }
        if let face = faces[exchange.thread] { return face }
        let face = makeFace(exchange.thread)
        faces[exchange.thread] = face
        return face
    }

    func handle(_ exchange: Exchange) -> Bool {
        guard let face = face(of: exchange), face.request.begin(exchange) else { return false }
        if let hooks {
            switch hooks.before(face.request, exchange) {
            case .goOn: break
            case .answered: return true
            case .failed: return false
            }
        }
        exchange.isInApplication = true
        // What is sent after the call waits without the application, whose runtime's lock is not held any more.
        defer { if !exchange.answersLater { exchange.isInApplication = false } }
        guard isInline else { return call(face, exchange) }
        SignalPipe.setApplicationRuns(true)
        defer { SignalPipe.setApplicationRuns(false) }
        return call(face, exchange)
    }

    @inline(__always)
    private func call(_ face: ExchangeFace, _ exchange: Exchange) -> Bool {
        let status = table.pointee.handle(state, face.exchange)
        guard status == TALON_PENDING else { return status == TALON_OK }
        guard isAsynchronous else { return face.request.completion.wait() == TALON_OK }
        exchange.answersLater = true
        return true
    }

    /// The application says that a request is over. Any thread.
    func complete(_ face: RequestFace, _ status: Int32) {
        guard isAsynchronous else { return face.completion.state(status) }
        guard let exchange = face.exchange else { return }
        guard let server, server.isOwnThread, exchange.answersLater else {
            server?.completeLater(exchange, succeeded: status == TALON_OK)
            return
        }
        server.complete(exchange, succeeded: status == TALON_OK)
    }

    func finished(_ exchange: Exchange) {
        exchange.isInApplication = false
        guard let face = face(of: exchange) else { return }
        face.request.end()
        hooks?.after(face.request, exchange)
    }

    func willBlock() { table.pointee.will_block?(state) }

    func didBlock() { table.pointee.did_block?(state) }

    func cancel(_ exchange: Exchange) {
        guard let cancel = table.pointee.cancellation, let face = face(of: exchange) else { return }
        cancel(state, face.exchange)
    }

    /// How requests wait for their clients; nil: in poll(2).
    var waiter: ExchangeWaiter? {
        guard let wait = table.pointee.waiting else { return nil }
        // It is asked once whether it waits at all.
        if wait(state, nil, -1, 0, 0) == TALON_AGAIN { return .elsewhere }
        return ExchangeWaiter { [unowned self] exchange, descriptor, events, milliseconds in
            guard let face = face(of: exchange) else { return .tooLate }
            return wait(state, face.exchange, descriptor.rawValue, events, milliseconds) == 1 ? .ready : .tooLate
        }
    }
}

extension talon_app_1 {
    /// `interrupt`, if the application was made by someone who knew of it.
    var interruption: (@convention(c) (Int32) -> Void)? { knows(\.interrupt) ? interrupt : nil }

    fileprivate var waiting:
        (@convention(c) (UnsafeMutableRawPointer?, UnsafePointer<talon_exchange>?, Int32, Int32, Int32) -> Int32)?
    { knows(\.wait) ? wait : nil }

    fileprivate var cancellation: (@convention(c) (UnsafeMutableRawPointer?, UnsafePointer<talon_exchange>?) -> Void)? {
        knows(\.cancel) ? cancel : nil
    }

    private func knows<Value>(_ field: KeyPath<talon_app_1, Value>) -> Bool {
        guard let offset = MemoryLayout<talon_app_1>.offset(of: field) else { return false }
        return Int(struct_size) >= offset + MemoryLayout<Value>.size
    }
}
