import TalonPlatform
import Testing

@testable import TalonSettings

/// The settings that some words make.
private func settings(_ words: String...) throws -> ServerSettings {
    var layer = SettingsLayer.defaults
    layer.override(with: try ParsedCommandLine(words).layer)
    return try ServerSettings(layer)
}

@Suite struct `The number of workers` {
    @Test(
        arguments: [
            (1, 1, 3), (2, 1, 5), (0.5, 1, 3), (1.5, 1, 5), (4, 8, 4), (0.1, 4, 1),
        ] as [(Double, Int, Int)])
    func `auto is 2 for each CPU and 1, or 1 for each CPU with threads`(cpus: Double, threads: Int, count: Int) {
        #expect(AutomaticWorkers(cpus: cpus, memory: 1 << 40).count(threads: threads) == count)
    }

    @Test(arguments: [(0, 1), (63, 1), (128, 2), (512, 8), (100_000, 9)] as [(UInt64, Int)])
    func `auto leaves 64 MiB for each`(mebibytes: UInt64, count: Int) {
        #expect(AutomaticWorkers(cpus: 4, memory: mebibytes << 20).count(threads: 1) == count)
    }

    @Test func `auto is told to the workers as a number`() throws {
        let settings = try settings("-w", "AUTO")
        #expect(settings.workers >= 1)
        #expect(settings.automaticWorkers?.count(threads: 1) == settings.workers)
        #expect(settings.texts.first { $0.name == "workers" }?.value == "\(settings.workers)")
    }

    @Test func `auto comes from the environment too`() throws {
        let layer = try SettingsLayer.environment { $0 == "WEB_CONCURRENCY" ? "auto" : nil }
        #expect(layer["workers"] == .text("auto"))
    }

    @Test func `is what is given otherwise, and does not follow the load`() throws {
        let settings = try settings("-w", "3")
        #expect(settings.workers == 3 && settings.automaticWorkers == nil && settings.workerRange == nil)
        #expect(throws: SettingsError.self) { try TalonSettingsTests.settings("-w", "many") }
    }

    @Test(
        arguments: [
            (["--workers-max", "4"], 1, 1...4), (["-w", "3", "--workers-max", "2"], 2, 2...2),
            (["-w", "3", "--workers-min", "2"], 3, 2...3), (["--workers-min", "2", "--workers-max", "8"], 2, 2...8),
            (["-w", "9", "--workers-min", "2", "--workers-max", "8"], 8, 2...8),
        ] as [([String], Int, ClosedRange<Int>)])
    func `begins within the range in which it follows the load`(
        words: [String], workers: Int, range: ClosedRange<Int>
    ) throws {
        var layer = SettingsLayer.defaults
        layer.override(with: try ParsedCommandLine(words).layer)
        let settings = try ServerSettings(layer)
        #expect(settings.workers == workers && settings.workerRange == range)
    }

    @Test func `has no range that is upside down`() throws {
        let error = try #require(throws: SettingsError.self) {
            try settings("--workers-min", "5", "--workers-max", "3")
        }
        #expect(error.message == "workers_min: 5 is more than workers_max (3); make it smaller, or that larger")
        #expect(error.status == 1)
    }
}
