import TalonPlatform

/// The status of a request that goes on after its call, on its way to the thread that waits for it.
final class Completion: @unchecked Sendable {
    // Unchecked: the status is under the lock.
    private let lock = Lock()
    private let condition = Condition()
    private var status: Int32?

    /// Any thread.
    func state(_ status: Int32) {
        lock.withLock {
            self.status = status
            condition.signal()
        }
    }

    /// Waits for it. The thread of the request.
    func wait() -> Int32 {
        lock.withLock {
            while true {
                if let found = status {
                    status = nil
                    return found
                }
                condition.wait(lock)
            }
        }
    }
}
