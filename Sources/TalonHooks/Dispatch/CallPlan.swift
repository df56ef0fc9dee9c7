import CTalonGuard
import CTalonPlugin

/// A function of a plugin and its signature, ready to be called from any thread. What could fail has failed when it is
/// made.
final class CallPlan {
    /// Why a function cannot be called as its signature says: one sentence.
    struct Refusal: Error, Equatable, CustomStringConvertible {
        let description: String
    }

    /// Lives as long as this.
    let prepared: UnsafePointer<talon_plan>

    private let plan: UnsafeMutablePointer<talon_plan>
    private var texts: [talon_str] = []

    /// `id` is the plugin's, for the fact `plugin.id`.
    init(
        _ binding: PluginDescription.Binding, calling function: @escaping talon_symbol, plugin id: String
    ) throws(Refusal) {
        plan = .allocate(capacity: 1)
        plan.initialize(to: talon_plan())
        prepared = UnsafePointer(plan)
        let hook = "hook \(binding.point.name), function \(binding.symbol)"
        let result = CallPlan.words(for: binding.signature.result)
        if let reason = text(talon_plan_begin(plan, function, result.type, result.meaning)) {
            throw Refusal(description: "\(hook): it cannot return \"\(result.type) \(result.meaning)\": \(reason)")
        }
        for (index, argument) in binding.signature.arguments.enumerated() {
            if let reason = add(argument, binding.point, id) {
                let source = "\(argument.type.rawValue) \(CallPlan.name(of: argument.source))"
                throw Refusal(description: "\(hook): argument \(index + 1) cannot be \"\(source)\": \(reason)")
            }
        }
        if let reason = text(talon_plan_finish(plan)) { throw Refusal(description: "\(hook): \(reason)") }
    }

    deinit {
        for text in texts { text.data?.deallocate() }
        plan.deallocate()
    }

    /// Adds an argument; returns why it is refused.
    private func add(_ argument: CallSignature.Argument, _ point: HookPoint, _ id: String) -> String? {
        let type = argument.type.rawValue
        switch argument.source {
        case .call: return text(talon_plan_add_call(plan, type))
        case .integer(let bits): return text(talon_plan_add_integer(plan, type, bits))
        case .real(let number): return text(talon_plan_add_real(plan, type, number))
        case .text(let text): return add(text, as: type)
        case .fact(.hookName): return add(point.name, as: type)
        case .fact(.pluginID): return add(id, as: type)
        case .fact(let fact):
            guard fact.isAvailable(at: point) else { return "a call at this hook does not have it" }
            return text(talon_plan_add_fact(plan, type, fact.rawValue))
        }
    }

    private func add(_ constant: String, as type: String) -> String? {
        let made = CText.make(constant)
        texts.append(made)
        return text(talon_plan_add_text(plan, type, made))
    }

    /// What C answered; nil is consent.
    private func text(_ reason: UnsafePointer<CChar>?) -> String? { reason.map { String(cString: $0) } }

    private static func words(for result: CallSignature.Result) -> (type: String, meaning: String) {
        switch result {
        case .void: ("void", "ignore")
        case .status: ("i32", "status")
        case .errno: ("i32", "errno")
        case .ok: ("bool", "ok")
        case .ignored(let type): (type.rawValue, "ignore")
        }
    }

    /// As a manifest writes it.
    private static func name(of source: CallSignature.Source) -> String {
        switch source {
        case .call: "call"
        case .integer(let bits): "const \(Int64(bitPattern: bits))"
        case .real(let number): "const \(number)"
        case .text(let text): "const \(text)"
        case .fact(let fact): fact.rawValue
        }
    }
}
