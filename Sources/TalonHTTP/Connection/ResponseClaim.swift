import Glibc
import Synchronization

/// Who sends the response that is under way when the application has a thread of its own: that thread, or the loop in
/// its place, because it takes too long. Whoever claims it first; the other then sends nothing.
///
/// The thread claims it before its first byte, and in any case before it gives the connection back. So while the loop
/// has it, the connection's head and input stay as they are.
struct ResponseClaim: ~Copyable {
    private static let free: UInt8 = 0
    private static let thread: UInt8 = 1
    /// The loop is at it.
    private static let loop: UInt8 = 2
    /// The loop has answered.
    private static let answered: UInt8 = 3

    private let state = Atomic<UInt8>(free)

    /// Before the next request is handed to a thread, or when the loop gives back its claim unused. The loop.
    func reset() { state.store(ResponseClaim.free, ordering: .releasing) }

    /// False if the loop has answered. The thread.
    func takeForThread() -> Bool {
        while true {
            let (isNew, found) = state.compareExchange(
                expected: ResponseClaim.free, desired: ResponseClaim.thread, ordering: .acquiringAndReleasing)
            if isNew || found == ResponseClaim.thread { return true }
            if found == ResponseClaim.answered { return false }
            // It renders a page and sends it without waiting.
            sched_yield()
        }
    }

    /// False if the thread may have sent something. The loop, which calls ``settle()`` soon if it is true.
    func takeForLoop() -> Bool {
        state.compareExchange(
            expected: ResponseClaim.free, desired: ResponseClaim.loop, ordering: .acquiringAndReleasing
        ).exchanged
    }

    /// The loop has answered.
    func settle() { state.store(ResponseClaim.answered, ordering: .releasing) }

    /// The loop has answered, or is at it. The loop.
    var isLoops: Bool { state.load(ordering: .relaxed) >= ResponseClaim.loop }
}
