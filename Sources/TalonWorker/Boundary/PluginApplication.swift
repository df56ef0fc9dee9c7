import CTalonPlugin
import TalonHTTP
import TalonPlatform

/// An application that speaks `talon.app/1`, Python's host included, and the hooks around its requests.
final class PluginApplication: WorkerApplication, @unchecked Sendable {
    // Unchecked: the table is constant, and the faces are one for each thread.
    private let table: UnsafePointer<talon_app_1>
    private let state: UnsafeMutableRawPointer?
    /// By ``Exchange/thread``.
    private let faces: [ExchangeFace]
    private let hooks: RequestHooks?
    /// It runs on the worker's main thread, where signals reach it.
    private let isInline: Bool

    /// `threads`: how many application threads there are; 1 means: the main thread.
    init(
        table: UnsafePointer<talon_app_1>, state: UnsafeMutableRawPointer?, threads: Int, listeners: [ListenAddress],
        hooks: RequestHooks?
    ) {
        self.table = table
        self.state = state
        self.hooks = hooks
        isInline = threads == 1
        let servers = listeners.map { (address: StableText($0.parts.host), port: $0.parts.port) }
        let count = isInline ? 1 : threads + 1
        faces = (0..<count).map { ExchangeFace(RequestFace(servers: servers, thread: $0, threads: count)) }
    }

    func handle(_ exchange: Exchange) -> Bool {
        guard faces.indices.contains(exchange.thread) else { return false }
        let face = faces[exchange.thread]
        guard face.request.begin(exchange) else { return false }
        defer { face.request.end() }
        if let hooks {
            switch hooks.before(face.request, exchange) {
            case .goOn: break
            case .answered: return true
            case .failed: return false
            }
        }
        exchange.isInApplication = true
        defer { exchange.isInApplication = false }
        guard isInline else { return table.pointee.handle(state, face.exchange) == TALON_OK }
        SignalPipe.setApplicationRuns(true)
        defer { SignalPipe.setApplicationRuns(false) }
        return table.pointee.handle(state, face.exchange) == TALON_OK
    }

    func finished(_ exchange: Exchange) {
        guard let hooks, faces.indices.contains(exchange.thread) else { return }
        hooks.after(faces[exchange.thread].request, exchange)
    }

    func willBlock() { table.pointee.will_block?(state) }

    func didBlock() { table.pointee.did_block?(state) }
}
