import TalonPlatform

/// What the log says about trouble with the store's files: the file, the reason, what becomes of it, what to do.
enum StoreMessage {
    static func text(_ error: MetricError, replaced: Bool) -> String {
        let reason = error.errno.map { ": " + SystemError.text(of: $0) } ?? ""
        if replaced {
            return "metrics: \(error.context)\(reason); it was not a metric file and a new one has replaced it, "
                + "so its series start again at 0"
        }
        let unseen = "; what this process counts there stays in its memory and is not exposed"
        return switch error.code {
        case .access, .format:
            "metrics: cannot write \(error.context)\(reason)\(unseen). "
                + "Make PROMETHEUS_MULTIPROC_DIR a directory that this user can write"
        case .space:
            "metrics: no space to grow \(error.context)\(reason)\(unseen). "
                + "Free space on that file system, then reload"
        case .held:
            "metrics: \(error.context) is held by another process, and so is its substitute\(unseen). "
                + "Give each writer an identifier of its own"
        case .memory:
            "metrics: cannot map \(error.context)\(reason)\(unseen). Raise the address space limit (ulimit -v)"
        case .full:
            "metrics: \(error.context)\(unseen). Give the metric labels with fewer values"
        case .name:
            "metrics: Prometheus does not accept a name in \(error.context)\(unseen). "
                + "Use letters, digits and _ only, not starting with a digit"
        }
    }
}
