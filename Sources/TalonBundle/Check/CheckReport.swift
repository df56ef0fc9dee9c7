import TalonPlatform

/// What one check found, in a sentence.
struct CheckResult: Equatable, Sendable {
    enum Status: String, Sendable {
        case ok
        case warning
        case failed
    }

    let name: String
    let status: Status
    let message: String
}

/// All checks of a plugin.
struct CheckReport: Sendable {
    let file: String
    private(set) var checks: [CheckResult] = []

    init(file: String) {
        self.file = file
    }

    /// Nothing failed; there may be warnings.
    var isGood: Bool { !checks.contains { $0.status == .failed } }

    mutating func add(_ name: String, _ status: CheckResult.Status, _ message: String) {
        checks.append(CheckResult(name: name, status: status, message: message))
    }

    var report: Report {
        let width = checks.map(\.name.count).max() ?? 0
        let lines = checks.map { "\($0.status.rawValue.padded(to: 7))  \($0.name.padded(to: width))  \($0.message)" }
        let warnings = checks.filter { $0.status == .warning }.count
        let failures = checks.filter { $0.status == .failed }.count
        let verdict = "\(file): \(isGood ? "ok" : "refused") (\(failures) failed, \(warnings) warnings)"
        let list = checks.map { check in
            JSON.object([
                ("name", .text(check.name)), ("status", .text(check.status.rawValue)),
                ("message", .text(check.message)),
            ])
        }
        return Report(lines + [verdict], [("file", .text(file)), ("checks", .list(list))], isGood: isGood)
    }
}
