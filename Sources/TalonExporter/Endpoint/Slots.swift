import TalonPlatform

/// Bounds how many threads do something at a time; the others wait, or go without. Any thread.
final class Slots: @unchecked Sendable {
    // Unchecked: the count is under the lock.
    private let lock = Lock()
    private let freed = Condition()
    private var free: Int

    init(_ count: Int) {
        free = count
    }

    func withOne<Result>(_ body: () -> Result) -> Result {
        lock.withLock {
            while free == 0 { freed.wait(lock) }
            free -= 1
        }
        defer { giveBack() }
        return body()
    }

    /// nil if none is free.
    func withOneIfFree<Result>(_ body: () -> Result) -> Result? {
        let isFree = lock.withLock {
            guard free > 0 else { return false }
            free -= 1
            return true
        }
        guard isFree else { return nil }
        defer { giveBack() }
        return body()
    }

    private func giveBack() {
        lock.withLock {
            free += 1
            freed.signal()
        }
    }
}
