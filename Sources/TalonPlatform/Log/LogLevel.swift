/// How grave a line of the error log is; gunicorn's `loglevel`.
package enum LogLevel: Int32, Comparable, Sendable, CaseIterable {
    case debug = 0
    case info
    case warning
    case error
    case critical

    /// Reads gunicorn's names, in any case.
    package init?(name: String) {
        guard let level = LogLevel.allCases.first(where: { $0.name == name.lowercased() }) else { return nil }
        self = level
    }

    /// "info".
    package var name: String {
        switch self {
        case .debug: "debug"
        case .info: "info"
        case .warning: "warning"
        case .error: "error"
        case .critical: "critical"
        }
    }

    package static func < (left: LogLevel, right: LogLevel) -> Bool {
        left.rawValue < right.rawValue
    }
}
