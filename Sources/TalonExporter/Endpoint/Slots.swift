import TalonPlatform

/// Bounds how many threads do something at a time; the others wait. Any thread.
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
        defer {
            lock.withLock {
                free += 1
                freed.signal()
            }
        }
        return body()
    }
}
