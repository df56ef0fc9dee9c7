import TalonHooks
import TalonSettings
import Testing

@testable import TalonBundle

@Suite struct `The answer of a probe` {
    @Test func `comes back as it was`() throws {
        var answer = ProbeAnswer()
        answer.refusal = "it is refused"
        answer.outcomes = HookOutcome.labels.map { _ in 3 }
        answer.durations = [1, .max]
        answer.residentBytes = (.max, 1)
        #expect(try ProbeAnswer(decoding: answer.encoded) == answer)
    }

    @Test func `has no outcome that there is not, though a plugin wrote it`() {
        var answer = ProbeAnswer()
        answer.outcomes = HookOutcome.labels.map { _ in 0 } + [1]
        #expect(throws: ByteReader.Truncated.self) { try ProbeAnswer(decoding: answer.encoded) }
    }
}
