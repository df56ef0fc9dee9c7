import CCrypt
import TalonPlatform
import TalonTLS

/// Checks passwords against hashes of bcrypt, which take long by design: each answer is remembered, and few are worked
/// on at a time, so that whoever guesses keeps no thread from others. Any thread.
final class PasswordCheck: @unchecked Sendable {
    // Unchecked: all state is under the lock.
    private let lock = Lock()
    /// What is remembered is no password, and worth nothing outside this process.
    private let key = Secrets.random(32)
    private let limit: Int
    private var running = 0
    /// Apart, so that guesses do not drive out what is right.
    private var right = Memory()
    private var wrong = Memory()

    enum Answer: Equatable {
        case right
        case wrong
        /// As many are being worked on as may be.
        case busy
    }

    /// `limit`: hashes computed at a time.
    init(limit: Int) {
        self.limit = limit
    }

    func check(user: String, password: [UInt8], among users: [String: String]) -> Answer {
        // An unknown user takes as long as a known one.
        let isKnown = users[user] != nil
        guard let hash = users[user] ?? users.values.first, !password.contains(0) else { return .wrong }
        let text = Array(user.utf8) + [0] + Array(hash.utf8) + [0] + password
        guard let digest = Secrets.digest(text, key: key) else { return .wrong }
        let known: Answer? = lock.withLock {
            if right.contains(digest) { return .right }
            if wrong.contains(digest) { return .wrong }
            guard running < limit else { return .busy }
            running += 1
            return nil
        }
        if let known { return known }
        let matches = Self.matches(password, hash) && isKnown
        return lock.withLock {
            running -= 1
            if matches { right.add(digest) } else { wrong.add(digest) }
            return matches ? .right : .wrong
        }
    }

    private static func matches(_ password: [UInt8], _ hash: String) -> Bool {
        talon_crypt_matches(password.map { CChar(bitPattern: $0) } + [0], hash) == 1
    }

    /// The last digests, a hundred of them.
    private struct Memory {
        private static let size = 100
        private var digests: Set<[UInt8]> = []
        private var order: [[UInt8]] = []
        private var oldest = 0

        func contains(_ digest: [UInt8]) -> Bool { digests.contains(digest) }

        mutating func add(_ digest: [UInt8]) {
            guard digests.insert(digest).inserted else { return }
            guard order.count == Memory.size else { return order.append(digest) }
            digests.remove(order[oldest])
            order[oldest] = digest
            oldest = (oldest + 1) % Memory.size
        }
    }
}
