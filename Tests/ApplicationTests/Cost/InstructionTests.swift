import TalonTesting
import Testing

/// What a request costs, by an instrument that a busy machine does not disturb.
@Suite struct `The cost of a request` {
    @Test func `in instructions is at most 3 % above what Tests/Benchmarks/instructions.txt holds`() throws {
        let script = "\(Repository.root)/Tests/Benchmarks/instructions.py"
        let result = try run(
            TestEnvironment.python(), [script, "--talon", TestEnvironment.binary(), "--check"], within: .seconds(300))
        #expect(result.status == 0, "\(result.output)\(result.error)")
    }
}
