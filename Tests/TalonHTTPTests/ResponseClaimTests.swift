import Testing

@testable import TalonHTTP

@Suite struct `The claim of a response` {
    /// A claim that can be asked within an expectation, which must be able to copy what it asks.
    private final class Holder {
        private let claim = ResponseClaim()

        func thread() -> Bool { claim.takeForThread() }
        func loop() -> Bool { claim.takeForLoop() }
        func settle() { claim.settle() }
        func reset() { claim.reset() }
        var isLoops: Bool { claim.isLoops }
    }

    @Test func `is the thread's from its first byte on, as often as it asks`() {
        let claim = Holder()
        #expect(claim.thread())
        #expect(claim.thread())
        #expect(!claim.loop())
        #expect(!claim.isLoops)
    }

    @Test func `is the loop's if the thread has sent nothing, until the next request`() {
        let claim = Holder()
        #expect(claim.loop())
        #expect(claim.isLoops)
        #expect(!claim.loop())
        claim.settle()
        #expect(!claim.thread())
        #expect(!claim.loop())
        #expect(claim.isLoops)
        claim.reset()
        #expect(claim.thread())
    }
}
