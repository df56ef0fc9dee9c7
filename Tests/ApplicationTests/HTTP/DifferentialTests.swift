import TalonTesting
import Testing

@Suite("A request that Talon accepts", .serialized)
struct DifferentialTests {
    private static let folder = "\(Repository.root)/Tests/Differential"

    @Test(
        "is read by h11 in the same way, and so is where the next one begins (RFC 9112 §11.2)",
        arguments: [([String](), 1), (["-k", "gthread", "--threads", "2"], 100_001)])
    func sameFraming(options: [String], seed: Int) throws {
        try serve("echo:app", options, in: Self.folder) { server throws in
            let result = try run(
                TestEnvironment.python(),
                ["-B", "\(Self.folder)/differential.py", "--port", "\(server.port)", "--cases", "3000"]
                    + ["--seed", "\(seed)"])
            #expect(result.status == 0, "\(result.error)")
            #expect(result.output.contains("accepted by both") && result.output.contains("refused by both"))
        }
    }
}
