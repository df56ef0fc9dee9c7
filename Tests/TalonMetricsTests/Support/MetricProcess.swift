import Glibc
import TalonTesting

/// The process of Tests/Fixtures/MetricProcess, of the release build.
enum MetricProcess {
    static let path = "\(Repository.root)/.build/release/metric-process"

    static func run(_ arguments: [String], within allowed: Duration = .seconds(120)) throws -> CommandResult {
        try TalonTesting.run(path, arguments, within: allowed)
    }

    static func start(_ arguments: [String]) throws -> SpawnedProcess {
        try SpawnedProcess(Launch(path, arguments, environment: [:]))
    }
}
