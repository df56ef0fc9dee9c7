import TalonHooks
import TalonPlatform
import Testing

@testable import TalonMaster

@Suite struct `A plugin that kills workers` {
    private let second = nanosecondsPerSecond

    /// Breakers in which plugin 1 was opened at second 2.
    private func opened() -> PluginBreakers {
        var breakers = PluginBreakers()
        #expect(breakers.workerEnded(inPlugin: 1, now: 0) == false)
        #expect(breakers.workerEnded(inPlugin: 1, now: second) == false)
        #expect(breakers.workerEnded(inPlugin: 1, now: 2 * second) == true)
        return breakers
    }

    @Test func `is left out after the third time in a minute`() {
        var breakers = PluginBreakers()
        #expect(breakers.pluginsToSkip(slot: 0, now: 0).isEmpty)
        breakers = opened()
        #expect(breakers.pluginsToSkip(slot: 0, now: 3 * second) == [1])
        #expect(breakers.pluginsToSkip(slot: 1, now: 31 * second) == [1])
    }

    @Test func `is then tried by one worker alone`() {
        var breakers = opened()
        #expect(breakers.pluginsToSkip(slot: 0, now: 32 * second).isEmpty)
        #expect(breakers.pluginsToSkip(slot: 1, now: 32 * second) == [1])
    }

    @Test func `is back when that worker serves`() {
        var breakers = opened()
        _ = breakers.pluginsToSkip(slot: 0, now: 32 * second)
        breakers.workerServes(slot: 1)
        #expect(breakers.pluginsToSkip(slot: 2, now: 33 * second) == [1])
        breakers.workerServes(slot: 0)
        #expect(breakers.pluginsToSkip(slot: 2, now: 33 * second).isEmpty)
    }

    @Test(arguments: [true, false]) func `is left out for twice the time when that worker ends`(inPlugin: Bool) {
        var breakers = opened()
        _ = breakers.pluginsToSkip(slot: 0, now: 32 * second)
        if inPlugin {
            #expect(breakers.workerEnded(inPlugin: 1, now: 33 * second) == true)
        } else {
            breakers.workerEnded(slot: 0, now: 33 * second)
        }
        #expect(breakers.pluginsToSkip(slot: 0, now: 92 * second) == [1])
        #expect(breakers.pluginsToSkip(slot: 0, now: 93 * second).isEmpty)
    }
}
