import CTalonGuard

/// The functions of one plugin by hook point, laid out so that a call finds them without counting references.
final class HookTable {
    /// The functions at one hook point, in declared order.
    struct Row {
        var plans: UnsafeBufferPointer<UnsafePointer<talon_plan>>
        var isGuarded: Bool
    }

    private let rows: UnsafeMutablePointer<Row>
    /// They own what the rows point to.
    private let plans: [CallPlan]

    private static let rowCount = Int(HookPoint.allCases.map(\.rawValue).max() ?? 0) + 1

    /// `guards`: the hooks in a worker are guarded. `function` finds a symbol of the plugin.
    init(
        _ description: PluginDescription, plugin id: String, guards: Bool, function: (String) -> talon_symbol?
    ) throws(PluginError) {
        var plans: [HookPoint: [CallPlan]] = [:]
        for binding in description.bindings {
            guard let found = function(binding.symbol) else {
                throw PluginError(
                    .loadFailed, path: description.origin,
                    reason: "has no function \(binding.symbol), which its hook \(binding.point.name) is to call")
            }
            do {
                plans[binding.point, default: []].append(try CallPlan(binding, calling: found, plugin: id))
            } catch {
                throw PluginError(.incompatible, path: description.origin, reason: error.description)
            }
        }
        self.plans = plans.values.flatMap(\.self)
        rows = .allocate(capacity: HookTable.rowCount)
        rows.initialize(
            repeating: Row(plans: UnsafeBufferPointer(start: nil, count: 0), isGuarded: false),
            count: HookTable.rowCount)
        for (point, plans) in plans {
            let row = UnsafeMutableBufferPointer<UnsafePointer<talon_plan>>.allocate(capacity: plans.count)
            _ = row.initialize(from: plans.map(\.prepared))
            rows[Int(point.rawValue)] = Row(
                plans: UnsafeBufferPointer(row), isGuarded: guards && point.isInWorker)
        }
    }

    deinit {
        for index in 0..<HookTable.rowCount { rows[index].plans.deallocate() }
        rows.deallocate()
    }

    @inline(__always)
    subscript(_ point: HookPoint) -> Row { rows[Int(point.rawValue)] }
}
