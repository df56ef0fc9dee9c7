import TalonPlatform
import Testing

@testable import TalonHooks

@Suite struct `A circuit breaker` {
    private let second = nanosecondsPerSecond

    /// One that opened at `second`, for the first time.
    private func opened(at time: UInt64) -> CircuitBreaker {
        var breaker = CircuitBreaker()
        #expect([0, 0, 0].map { breaker.failed(now: time + $0) } == [false, false, true])
        return breaker
    }

    @Test func `opens at the third failure within a minute`() {
        var breaker = CircuitBreaker()
        #expect([0, 20, 59].map { breaker.failed(now: $0 * second) } == [false, false, true])
        #expect([59, 88].map { breaker.allows(now: $0 * second) } == [false, false])
    }

    @Test func `stays closed when failures are rare`() {
        var breaker = CircuitBreaker()
        for time in stride(from: UInt64(0), to: 3000, by: 30) { #expect(breaker.failed(now: time * second) == false) }
        #expect(breaker.allows(now: 3000 * second) == true)
    }

    @Test func `lets one try through after half a minute`() {
        var breaker = opened(at: 100 * second)
        #expect(breaker.allows(now: 130 * second - 1) == false)
        #expect([130, 130, 500].map { breaker.allows(now: $0 * second) } == [true, false, false])
    }

    @Test func `closes, and forgets, when that try succeeds`() {
        var breaker = opened(at: 0)
        _ = breaker.allows(now: 30 * second)
        breaker.succeeded()
        #expect(breaker == CircuitBreaker())
    }

    @Test func `waits twice as long after each try that fails, up to ten minutes`() {
        var breaker = opened(at: 0)
        var now = 30 * second
        for wait in [60, 120, 240, 480, 600, 600] as [UInt64] {
            #expect(breaker.allows(now: now) == true)
            #expect(breaker.failed(now: now) == true)
            now += wait * second
            #expect(breaker.allows(now: now - 1) == false)
        }
    }

    @Test func `takes no notice of what began before it opened`() {
        var breaker = opened(at: 0)
        let before = breaker
        #expect(breaker.failed(now: 1) == false)
        breaker.succeeded()
        #expect(breaker == before)
    }

    @Test func `is not disturbed by a clock that stands or runs back`() {
        var breaker = CircuitBreaker()
        #expect([100, 50, 0].map { breaker.failed(now: $0) } == [false, false, true])
    }

    @Test func `is not closed by a success while it is closed, so that failures among successes count`() {
        var breaker = CircuitBreaker()
        _ = breaker.failed(now: 0)
        _ = breaker.failed(now: 1)
        breaker.succeeded()
        #expect(breaker.failed(now: 2) == true)
    }
}
