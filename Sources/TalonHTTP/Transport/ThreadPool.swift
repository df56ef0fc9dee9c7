import TalonPlatform

/// Requests on their way to application threads, and connections on their way back. Any thread.
final class ThreadPool: @unchecked Sendable {
    // Unchecked: all state is under the lock, and a connection is in one list or on one thread at a time.
    private let lock = Lock()
    private let wake = Condition()
    private let bell: EventDescriptor
    private var waiting: [Connection] = []
    private var next = 0
    private var returned: [(Connection, Exchange.Ending)] = []
    /// By thread, which count from 1.
    private var running: [Connection?]
    private var isStopped = false

    init(threads: Int, bell: EventDescriptor) {
        running = Array(repeating: nil, count: threads + 1)
        self.bell = bell
    }

    /// Hands a request to the next free thread. The loop.
    func submit(_ connection: Connection) {
        lock.withLock {
            waiting.append(connection)
            wake.signal()
        }
    }

    /// The next request; nil when the pool has stopped. An application thread.
    func take(thread: Int) -> Connection? {
        lock.withLock {
            while next == waiting.count, !isStopped { wake.wait(lock) }
            guard next < waiting.count else { return nil }
            let connection = waiting[next]
            next += 1
            if next == waiting.count {
                waiting.removeAll(keepingCapacity: true)
                next = 0
            }
            if running.indices.contains(thread) { running[thread] = connection }
            return connection
        }
    }

    /// Takes back what no thread has begun. The loop.
    func withdraw() -> [Connection] {
        lock.withLock {
            let all = Array(waiting[next...])
            waiting.removeAll(keepingCapacity: true)
            next = 0
            return all
        }
    }

    /// The connection whose request a thread runs. The loop.
    func running(on thread: Int) -> Connection? {
        lock.withLock { running.indices.contains(thread) ? running[thread] : nil }
    }

    /// Gives a connection back. An application thread.
    func giveBack(_ connection: Connection, _ ending: Exchange.Ending, thread: Int) {
        lock.withLock {
            returned.append((connection, ending))
            if running.indices.contains(thread) { running[thread] = nil }
        }
        bell.ring()
    }

    /// What came back since the last call. The loop.
    func collect() -> [(Connection, Exchange.Ending)] {
        bell.clear()
        return lock.withLock {
            let all = returned
            returned.removeAll(keepingCapacity: true)
            return all
        }
    }

    /// Lets the threads go once nothing waits. The loop.
    func stop() {
        lock.withLock {
            isStopped = true
            wake.broadcast()
        }
    }
}
