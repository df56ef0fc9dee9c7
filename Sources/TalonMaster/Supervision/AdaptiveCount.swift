import TalonPlatform

/// What requests had to wait for in the last second.
package struct WorkerLoad: Sendable, Equatable {
    /// Connections and requests that wait for a thread.
    package var waiting = 0
    /// Requests that have begun in that second.
    package var begun = 0
    /// Application threads that run a request.
    package var busy = 0
    /// Application threads of the workers that serve.
    package var threads = 0

    package init(waiting: Int = 0, begun: Int = 0, busy: Int = 0, threads: Int = 0) {
        self.waiting = waiting
        self.begun = begun
        self.busy = busy
        self.threads = threads
    }

    /// How long one that comes now waits, by Little's law; seconds. A queue that does not move is endless.
    package var queueTime: Double {
        if waiting == 0 { return 0 }
        return begun == 0 ? .infinity : Double(waiting) / Double(begun)
    }
}

/// Decides how many workers a load wants: more within seconds, fewer one by one.
///
/// A value that is asked once a second; it knows no clock.
package struct AdaptiveCount: Sendable {
    package let range: ClosedRange<Int>
    /// Seconds in a row in which requests waited for too long.
    private var lateSeconds = 0
    /// Seconds in a row that found every thread busy: what waits on a kept connection of a busy worker is in no queue.
    private var fullSeconds = 0
    /// Busy threads of the last seconds, in all of which nothing waited.
    private var calm: [Int] = []

    /// Waiting for longer is too long: seconds.
    static let patience = 0.05
    /// So many late seconds, and workers are added; so many full ones, and one is.
    static let lateLimit = 2
    static let fullLimit = 5
    /// So many calm seconds, and one is let go.
    static let calmLimit = 10
    /// One is let go if the threads of the others would have been busy for no more than this part, at the busiest look.
    static let shareToShrink = 0.7

    package init(range: ClosedRange<Int>) { self.range = range }

    package func clamp(_ count: Int) -> Int { min(max(count, range.lowerBound), range.upperBound) }

    /// The number wanted, after another second; `count` were wanted, and `serving` of them serve.
    package mutating func next(_ count: Int, serving: Int, _ load: WorkerLoad) -> Int {
        lateSeconds = load.queueTime > AdaptiveCount.patience ? lateSeconds + 1 : 0
        fullSeconds = load.threads > 0 && load.busy >= load.threads ? fullSeconds + 1 : 0
        if load.waiting > 0 || serving != count { calm = [] }
        // Those that boot or leave may change everything.
        guard serving == count else { return count }
        if lateSeconds >= AdaptiveCount.lateLimit {
            (lateSeconds, fullSeconds) = (0, 0)
            return clamp(count + min(max(1, count / 2), load.waiting))
        }
        if fullSeconds >= AdaptiveCount.fullLimit {
            fullSeconds = 0
            return clamp(count + 1)
        }
        guard load.waiting == 0 else { return count }
        calm.append(load.busy)
        guard calm.count >= AdaptiveCount.calmLimit else { return count }
        let peak = Double(calm.max() ?? 0)
        calm = []
        let rest = Double(load.threads) * Double(count - 1) / Double(max(count, 1))
        return peak <= rest * AdaptiveCount.shareToShrink ? clamp(count - 1) : count
    }
}

extension SupervisorStateMachine {
    /// Follows the load, where the number of workers is to.
    mutating func follow(_ load: WorkerLoad, _ actions: inout [SupervisorAction]) {
        // None are wanted after WINCH; a reload brings up the number that it began with.
        guard isRunning, incoming == nil, target > 0, var count = adaptive else { return }
        let serving = workers.values.count { $0.generation == generation && $0.isServing && !$0.isBeingReplaced }
        let next = count.next(target, serving: serving, load)
        adaptive = count
        guard next != target else { return }
        let why =
            switch load.queueTime {
            case _ where next < target: "fewer are enough"
            case 0: "every thread is busy"
            case .infinity: "requests wait, and none begins"
            case let time: "requests wait \(Int(time * 1000)) ms"
            }
        actions.append(.log(.info, "Workers: \(next) instead of \(target); \(why)"))
        target = next
    }
}
