import TalonHooks
import TalonPlatform

/// All hook runners: those of plugins in use, and those that were told to end and have not yet.
final class RunnerPool {
    private var runners: [HookRunnerProcess] = []

    /// Time for a plugin's `destroy`.
    private static let patience = nanosecondsPerSecond

    /// A runner that runs.
    func add(_ runner: HookRunnerProcess) { runners.append(runner) }

    /// Tells it to end; does not wait.
    func retire(_ runner: HookRunnerProcess) { runner.retire(patience: RunnerPool.patience) }

    /// What to wait on.
    var descriptors: [FileDescriptor] { runners.flatMap(\.descriptors) }

    var pids: [Int32] { runners.compactMap(\.pid) }

    /// When the next thing is due; CLOCK_MONOTONIC, nanoseconds.
    var nextDeadline: UInt64? { runners.compactMap(\.nextDeadline).min() }

    func readable(_ descriptor: FileDescriptor) {
        runners.first { $0.descriptors.contains(descriptor) }?.readable()
    }

    func maintain(now: UInt64) {
        for runner in runners { runner.maintain(now: now) }
        runners.removeAll(where: \.isGone)
    }

    /// Waits a moment for calls that are under way.
    func settle(before deadline: UInt64) {
        for runner in runners { runner.settle(before: deadline) }
    }

    /// Ends all of them, at the server's end: all at once, and waits.
    func finish(patience: UInt64 = RunnerPool.patience) {
        for runner in runners { runner.retire(patience: patience) }
        for runner in runners { runner.waitForEnd() }
        runners = []
    }
}
