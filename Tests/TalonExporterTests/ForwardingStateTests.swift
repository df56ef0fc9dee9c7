import TalonPlatform
import TalonRedis
import Testing

@testable import TalonExporter

private let second = nanosecondsPerSecond

private func fault(_ kind: RedisFault.Kind) -> RedisFault { RedisFault(kind, "why") }

@Suite struct `The forwarding's state` {
    private func state(interval: Int = 30) -> ForwardingState { ForwardingState(interval: interval, server: "h:1") }

    @Test func `says once that it is connected, and comes again each interval from a turn's beginning`() {
        var state = state()
        let first = state.ended(nil, begun: 10 * second, now: 12 * second, random: 0.5)
        #expect(first == .init(next: 40 * second, level: .info, message: "Connected to Redis at h:1"))
        let next = state.ended(nil, begun: 40 * second, now: 41 * second, random: 0.5)
        #expect(next.next == 70 * second && next.message == nil)
        // Longer than the interval: at once, and what was missed is not made up for.
        #expect(state.ended(nil, begun: 70 * second, now: 200 * second, random: 0.5).next == 200 * second)
    }

    @Test func `has one line for each change`() {
        var state = state()
        let turns: [(RedisFault.Kind?, speaks: Bool)] = [
            (.unreachable, true), (.unreachable, false), (.unreachable, false), (.loading, true), (.loading, false),
            (nil, true), (nil, false), (.auth, true), (.auth, false), (nil, true), (.timeout, true), (.cut, true),
        ]
        for (index, (kind, speaks)) in turns.enumerated() {
            let step = state.ended(kind.map { fault($0) }, begun: 0, now: second, random: 0)
            #expect((step.message != nil) == speaks, "turn \(index)")
            #expect(step.level == (kind == nil ? .info : .warning))
            if let kind, let message = step.message {
                #expect(
                    message
                        == "Redis: Failed to forward metrics to h:1: why; it is tried again, and nothing waits for it",
                    "\(kind)")
            }
        }
    }

    @Test func `waits longer after each failure, 30 s at most, and half of that is chance`() {
        for random in [0, 0.25, 0.999, -5, 7] {
            var state = state()
            var delays: [UInt64] = []
            for _ in 0..<40 {
                let step = state.ended(fault(.unreachable), begun: 0, now: 5 * second, random: random)
                delays.append(step.next - 5 * second)
            }
            for (failures, delay) in delays.enumerated() {
                let whole = BackOff.delay(failures: failures)
                #expect((whole / 2...whole).contains(delay), "\(failures) failures, \(random)")
            }
            #expect(delays.max() ?? 0 <= 30 * second)
            #expect((delays.first ?? 0) <= second / 10)
        }
    }

    @Test func `forgets its failures when one turn is well`() {
        var state = state()
        for _ in 0..<10 { _ = state.ended(fault(.unreachable), begun: 0, now: 0, random: 0) }
        #expect(state.failures == 10)
        _ = state.ended(nil, begun: 0, now: 0, random: 0)
        #expect(state.failures == 0)
        #expect(state.ended(fault(.cut), begun: 0, now: 0, random: 1).next == second / 10)
    }
}
