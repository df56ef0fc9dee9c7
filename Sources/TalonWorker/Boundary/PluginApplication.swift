import CTalonPlugin
import TalonHTTP
import TalonPlatform

/// An application that speaks `talon.app/1`, Python's host included.
final class PluginApplication: WorkerApplication, BlockingObserver, @unchecked Sendable {
    // Unchecked: the table is constant, and the faces are one for each thread.
    private let table: UnsafePointer<talon_app_1>
    private let state: UnsafeMutableRawPointer?
    private let faces: [ObjectIdentifier: ExchangeFace]

    /// `exchanges` are those of all threads that will run requests.
    init(
        table: UnsafePointer<talon_app_1>, state: UnsafeMutableRawPointer?, exchanges: [Exchange],
        listeners: [ListenAddress]
    ) {
        self.table = table
        self.state = state
        let servers = listeners.map { (address: StableText($0.parts.host), port: $0.parts.port) }
        var faces: [ObjectIdentifier: ExchangeFace] = [:]
        for exchange in exchanges { faces[ObjectIdentifier(exchange)] = ExchangeFace(servers: servers) }
        self.faces = faces
    }

    func handle(_ exchange: Exchange) -> Bool {
        guard let face = faces[ObjectIdentifier(exchange)] else { return false }
        return face.with(exchange) { table.pointee.handle(state, $0) } == TALON_OK
    }

    func willBlock() { table.pointee.will_block?(state) }

    func didBlock() { table.pointee.did_block?(state) }
}
