import CTalonPlugin
import TalonHTTP
import TalonHooks
import TalonPlatform

/// The hooks around each request, on the thread that runs it. Made only if a plugin has one, so that other workers pay
/// for a comparison with nil. Calls of several threads run at the same time.
final class RequestHooks {
    /// What becomes of a request before the application sees it.
    enum Verdict {
        case goOn
        /// A hook has vetoed, and the client is answered.
        case answered
        /// A required hook failed.
        case failed
    }

    private let before: [WorkerPlugin]
    private let after: [WorkerPlugin]
    private let facts: FactBlock
    /// By ``Exchange/thread``.
    private let lanes: [ScoreboardLane]
    private let crashed: (WorkerPlugin, HookPoint) -> Void

    /// nil if none of the plugins has such hooks. `crashed` is told when a guarded one has crashed, on that thread.
    init?(
        _ plugins: [WorkerPlugin], facts: FactBlock, lanes: [ScoreboardLane],
        crashed: @escaping (WorkerPlugin, HookPoint) -> Void
    ) {
        before = plugins.filter { $0.has(.preRequest) }
        after = plugins.filter { $0.has(.postRequest) }
        guard !before.isEmpty || !after.isEmpty else { return nil }
        self.facts = facts
        self.lanes = lanes
        self.crashed = crashed
    }

    /// Runs the hooks of pre_request. A veto ends the chain.
    func before(_ face: RequestFace, _ exchange: Exchange) -> Verdict {
        guard !before.isEmpty else { return .goOn }
        let lane = lanes[exchange.thread]
        face.enter(.preRequest)
        defer { face.enter(nil) }
        var handled = false
        for plugin in before where !(handled && plugin.isDefault) {
            // What one plugin states is for its own veto.
            face.forgetAnswer()
            let outcome = plugin.call(.preRequest, facts, lane: lane, request: face.request)
            switch outcome {
            case .handled: handled = true
            case .deny:
                deny(face, exchange)
                return .answered
            case .crashed: crashed(plugin, .preRequest)
            default: break
            }
            if plugin.isRequired, outcome.isFailure { return .failed }
        }
        return .goOn
    }

    /// Runs the hooks of post_request, once the response is out.
    func after(_ face: RequestFace, _ exchange: Exchange) {
        guard !after.isEmpty, face.resume(exchange) else { return }
        let lane = lanes[exchange.thread]
        face.enter(.postRequest)
        defer {
            face.enter(nil)
            face.end()
        }
        var handled = false
        for plugin in after where !(handled && plugin.isDefault) {
            switch plugin.call(.postRequest, facts, lane: lane, request: face.request, response: face.response) {
            case .handled: handled = true
            case .crashed: crashed(plugin, .postRequest)
            default: break
            }
        }
    }

    private func deny(_ face: RequestFace, _ exchange: Exchange) {
        let answer = face.answer
        if answer.status != 0 {
            _ = exchange.answer(
                status: Int(answer.status), contentType: answer.contentType.span, body: answer.body.span)
        } else {
            exchange.refuse(status: 403)
        }
    }
}
