import Glibc
import Synchronization
import TalonHooks
import TalonPlatform
import TalonTesting
import Testing

private let second = nanosecondsPerSecond
/// Any time will do; one whose milliseconds are not round shows what is rounded.
private let start = 5_000_000 * second + 123_456_789

/// One breaker of a table, at times counted from the start in seconds.
private struct Breaker {
    let table: BreakerTable
    var plugin = 0
    var point: HookPoint? = .preRequest

    init() throws { table = try BreakerTable.create() }

    var state: BreakerTable.State { table.state(plugin: plugin, point) }

    private func time(_ seconds: Double) -> UInt64 { start + UInt64(seconds * 1e9) }
    /// True if that opened it.
    func fail(_ seconds: Double) -> Bool { table.failed(plugin: plugin, point, now: time(seconds)) }
    func allows(_ seconds: Double) -> Bool { table.allows(plugin: plugin, point, now: time(seconds)) }
    /// True if that closed it.
    func succeed() -> Bool { table.succeeded(plugin: plugin, point) }

    /// Opens it at 0.
    func open() { for _ in 0..<BreakerTable.threshold { _ = fail(0) } }
}

@Suite struct `A circuit breaker` {
    private let breaker: Breaker

    init() throws { breaker = try Breaker() }

    @Test func `lets calls through while nothing fails`() {
        #expect(breaker.state == .closed)
        #expect(breaker.allows(0) && breaker.allows(0))
        #expect(!breaker.succeed())
    }

    @Test func `opens with the third failure within a minute, not with the second`() {
        #expect(!breaker.fail(0) && !breaker.fail(30))
        #expect(breaker.state == .closed && breaker.allows(30))
        #expect(breaker.fail(59.9))
        #expect(breaker.state == .open && !breaker.allows(60))
    }

    @Test func `does not open when failures are spread out, however many they are`() {
        for count in 0..<100 { #expect(!breaker.fail(Double(count) * 30)) }
        #expect(breaker.state == .closed)
        // The two before it are not yet a minute old.
        #expect(breaker.fail(99 * 30 + 1))
    }

    @Test func `counts failures between successes`() {
        #expect(!breaker.fail(0) && !breaker.succeed() && !breaker.fail(1) && !breaker.succeed() && breaker.fail(2))
    }

    @Test func `is told of once when it opens, whatever still fails`() {
        breaker.open()
        #expect(!breaker.fail(1) && !breaker.fail(2))
        #expect(!breaker.succeed())
        #expect(breaker.state == .open)
    }

    @Test func `lets one call through after thirty seconds, and no other meanwhile`() {
        breaker.open()
        #expect(!breaker.allows(29.9))
        #expect(breaker.state == .open)
        #expect(breaker.allows(30.1))
        #expect(breaker.state == .halfOpen)
        #expect(!breaker.allows(30.1) && !breaker.allows(100))
    }

    @Test func `lets another call through if that one tells nothing`() {
        breaker.open()
        #expect(breaker.allows(31) && !breaker.allows(31))
        breaker.table.undecided(plugin: breaker.plugin, breaker.point, now: start + 31 * second)
        #expect(breaker.state == .open && breaker.allows(31.1) && !breaker.allows(31.1))
        #expect(breaker.succeed() && breaker.state == .closed)
    }

    @Test func `closes when that call succeeds, and forgets what failed before`() {
        breaker.open()
        #expect(breaker.allows(31))
        #expect(breaker.succeed())
        #expect(breaker.state == .closed && !breaker.succeed())
        #expect(breaker.allows(31) && breaker.allows(31))
        #expect(!breaker.fail(32) && !breaker.fail(33) && breaker.fail(34))
        #expect(!breaker.allows(63) && breaker.allows(65))
    }

    @Test func `stays open for twice as long each time that call fails, at most ten minutes`() {
        breaker.open()
        var now = 0.0
        for time in [30.0, 60, 120, 240, 480, 600, 600, 600, 600, 600, 600, 600, 600, 600] {
            #expect(!breaker.allows(now + time - 0.1), "\(time)")
            #expect(breaker.allows(now + time + 0.1), "\(time)")
            now += time + 1
            #expect(breaker.fail(now), "\(time)")
            #expect(breaker.state == .open)
        }
    }

    @Test func `starts again at thirty seconds once it was closed`() {
        breaker.open()
        #expect(breaker.allows(31) && breaker.fail(31))
        #expect(breaker.allows(92) && breaker.succeed())
        for _ in 0..<3 { _ = breaker.fail(100) }
        #expect(!breaker.allows(129) && breaker.allows(131))
    }

    @Test func `lets another call through when the one before was lost`() {
        breaker.open()
        #expect(breaker.allows(31))
        #expect(!breaker.allows(31 + 119))
        #expect(breaker.allows(31 + 121))
        #expect(!breaker.allows(31 + 121))
        #expect(breaker.state == .halfOpen)
        // Lost is not failed: the time is not doubled for it.
        #expect(breaker.fail(160) && !breaker.allows(160 + 59) && breaker.allows(160 + 61))
    }

    @Test func `is not troubled by clocks that differ a little between threads`() {
        #expect(!breaker.fail(1) && !breaker.fail(0.9) && breaker.fail(0.8))
    }
}

@Suite struct `A table of breakers` {
    @Test func `keeps plugins and points apart`() throws {
        let first = try Breaker()
        var others: [Breaker] = []
        for plugin in [0, 1, BreakerTable.pluginLimit - 1] {
            for point in [nil] + HookPoint.allCases where (plugin, point) != (0, .preRequest) {
                var other = first
                (other.plugin, other.point) = (plugin, point)
                others.append(other)
            }
        }
        first.open()
        #expect(first.state == .open)
        #expect(others.allSatisfy { $0.state == .closed && $0.allows(1) })
        #expect(others.allSatisfy { !$0.fail(1) && !$0.fail(1) && $0.fail(1) && !$0.allows(2) })
    }

    @Test func `forgets a plugin, and no other`() throws {
        let first = try Breaker()
        var loading = first
        loading.point = nil
        var other = first
        other.plugin = 1
        for breaker in [first, loading, other] { breaker.open() }
        first.table.reset(plugin: 0)
        #expect(first.state == .closed && loading.state == .closed && other.state == .open)
        #expect(!first.fail(1) && !first.fail(1) && first.fail(1))
    }

    @Test func `is the same to all who have attached it`() throws {
        let mine = try Breaker()
        let theirs = try BreakerTable.attach(mine.table.descriptor)
        #expect(!mine.fail(0) && !theirs.failed(plugin: 0, .preRequest, now: start) && mine.fail(0))
        #expect(theirs.state(plugin: 0, .preRequest) == .open)
        #expect(theirs.allows(plugin: 0, .preRequest, now: start + 31 * second))
        #expect(mine.state == .halfOpen && !mine.allows(31))
        #expect(mine.succeed())
        #expect(theirs.state(plugin: 0, .preRequest) == .closed)
    }

    @Test func `tells one thread of each transition`() throws {
        let table = try BreakerTable.create()
        let board = try SharedWords.create(name: "test", count: Contest.words)
        let ended = Atomic(0)
        for _ in 0..<3 {
            let attached = try BreakerTable.attach(table.descriptor)
            #expect(
                SystemThread.start {
                    Contest(table: attached, board: board, players: 3).play()
                    ended.add(1, ordering: .releasing)
                })
        }
        try eventually("all threads are done", within: .seconds(60)) { ended.load(ordering: .acquiring) == 3 }
        Contest(table: table, board: board, players: 3).expectOneWinnerEach()
    }

    @Test func `tells one process of each transition`() async throws {
        let table = try BreakerTable.create()
        let board = try SharedWords.create(name: "test", count: Contest.words)
        let here = "/proc/\(ThisProcess.pid)/fd"
        let names = [table.descriptor, board.descriptor].map { "\(here)/\($0.rawValue)" }
        let ended = Atomic(false)
        #expect(
            SystemThread.start {
                Contest(table: table, board: board, players: 2).play()
                ended.store(true, ordering: .releasing)
            })
        await #expect(processExitsWith: .success) { [names = names as [String]] in
            let table = try BreakerTable.attach(.open(names[0], flags: O_RDWR))
            let board = try SharedWords.attach(.open(names[1], flags: O_RDWR))
            Contest(table: table, board: board, players: 2).play()
        }
        try eventually("the thread is done", within: .seconds(60)) { ended.load(ordering: .acquiring) }
        Contest(table: table, board: board, players: 2).expectOneWinnerEach()
    }
}

/// Takes many breakers through all transitions, each of which several players attempt at the same moment.
private struct Contest {
    let table: BreakerTable
    let board: SharedWords
    let players: UInt64

    static let words = 5
    private static let rounds: UInt64 = 200
    // What the words of the board are: who has arrived, and how many were told.
    private static let arrived = 0
    private static let opened = 1
    private static let tried = 2
    private static let openedAgain = 3
    private static let closed = 4

    func play() {
        var step: UInt64 = 0
        func attempt(_ word: Int, _ count: Int = 1, _ body: () -> Bool) {
            step += 1
            _ = board.add(1, at: Contest.arrived)
            while board[Contest.arrived] < step * players { sched_yield() }
            for _ in 0..<count where body() { _ = board.add(1, at: word) }
        }
        for round in 0..<Int(Contest.rounds) {
            let point = HookPoint.allCases[round % HookPoint.allCases.count]
            // Two players with two failures each, or three with one: three at least.
            attempt(Contest.opened, players == 2 ? 2 : 1) { table.failed(plugin: round, point, now: start) }
            attempt(Contest.tried) { table.allows(plugin: round, point, now: start + 31 * second) }
            attempt(Contest.openedAgain) { table.failed(plugin: round, point, now: start + 32 * second) }
            attempt(Contest.tried) { table.allows(plugin: round, point, now: start + 93 * second) }
            attempt(Contest.closed) { table.succeeded(plugin: round, point) }
        }
    }

    func expectOneWinnerEach() {
        #expect(board[Contest.arrived] == 5 * Contest.rounds * players)
        #expect(board[Contest.opened] == Contest.rounds)
        #expect(board[Contest.tried] == 2 * Contest.rounds)
        #expect(board[Contest.openedAgain] == Contest.rounds)
        #expect(board[Contest.closed] == Contest.rounds)
    }
}
