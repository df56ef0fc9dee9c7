import CTalonPlatform
import Glibc

/// What a thread that runs a request is busy with.
package enum RequestPhase: UInt8, Sendable, CaseIterable {
    /// The application, or a hook around it.
    case application = 0
    /// It waits for the client's next bytes of the body.
    case reading
    /// It waits for the client to take bytes of the response.
    case sending
    /// It took too long: its client was answered in its place, and nobody waits for it.
    case brokenOff

    /// "application".
    package var name: String { self == .brokenOff ? "broken off" : "\(self)" }
}

/// The request that a thread runs, as others read it on the scoreboard.
///
/// It comes from a client, by way of a worker that can write anything there: both texts may hold any character. Bytes
/// that are no UTF-8 are shown as U+FFFD.
package struct LaneRequest: Equatable, Sendable {
    /// At most eight bytes of it; longer ones are no method that there is.
    package let method: String
    /// The path as it came, without the query. A longer one than ``pathLimit`` is cut, and ends in "…".
    package let path: String
    /// The x of HTTP/1.x.
    package let versionMinor: Int
    package let phase: RequestPhase
    /// When the application was called: CLOCK_MONOTONIC, nanoseconds.
    package let since: UInt64
    /// See ``ScoreboardLane/activeSince``.
    package let activeSince: UInt64

    /// Bytes of a path that a lane keeps.
    package static let pathLimit = 128
    static let methodLimit = 8

    package init(
        method: String, path: String, versionMinor: Int = 1, phase: RequestPhase = .application, since: UInt64,
        activeSince: UInt64? = nil
    ) {
        self.method = method
        self.path = path
        self.versionMinor = versionMinor
        self.phase = phase
        self.since = since
        self.activeSince = activeSince ?? since
    }

    /// Whether the application has taken longer than `limit`, nanoseconds, without a word to or from its client. While
    /// it waits for the client, that is the client's time, which has a limit of its own.
    package func isOverdue(_ limit: UInt64, at now: UInt64) -> Bool {
        guard phase == .application || phase == .brokenOff else { return false }
        return now > activeSince && now - activeSince > limit
    }

    /// For logs: "GET /path", on one line.
    package var line: String { LogText.oneLine("\(method) \(path)") }
}

/// The request of a lane: several words that belong together, under a sequence lock. Its one writer makes the sequence
/// odd, writes, and makes it even again; a reader that saw it change reads again.
///
/// It is on the path of every request: no lock, no allocation, no system call, and a copy of at most
/// ``LaneRequest/pathLimit`` bytes.
extension ScoreboardLane {
    /// The thread begins a request.
    @inline(__always)
    package func begin(method: Span<UInt8>, path: Span<UInt8>, versionMinor: UInt8, at time: UInt64) {
        let next = talon_atomic_load_u64(words + Word.sequence) | 1
        talon_atomic_store_u64(words + Word.sequence, next)
        talon_atomic_fence_release()
        talon_atomic_store_u64(words + Word.requestSince, time)
        talon_atomic_store_u64(words + Word.activeSince, time)
        talon_atomic_store_u64(words + Word.phase, UInt64(RequestPhase.application.rawValue))
        let methodCount = min(method.count, LaneRequest.methodLimit)
        talon_atomic_store_u64(words + Word.method, method.bytes.word(at: 0, upTo: methodCount))
        let count = min(path.count, LaneRequest.pathLimit)
        // Lengths in bytes: of the method, of the path as far as it is kept, of the whole path; then the version.
        let whole = UInt64(UInt32(truncatingIfNeeded: path.count))
        let shape =
            UInt64(UInt8(truncatingIfNeeded: methodCount)) | UInt64(UInt8(truncatingIfNeeded: count)) << 8
            | UInt64(versionMinor) << 16 | whole << 32
        talon_atomic_store_u64(words + Word.shape, shape)
        var offset = 0
        while offset < count {
            talon_atomic_store_u64(words + Word.path + offset / 8, path.bytes.word(at: offset, upTo: count))
            offset += 8
        }
        talon_atomic_store_release_u64(words + Word.sequence, next &+ 1)
    }

    /// The request is over. Its texts stay until the next.
    @inline(__always)
    package func end() { requestSince = 0 }

    /// The request that runs; nil if none does. Any process.
    package var request: LaneRequest? {
        // A worker may have been killed while it wrote: what it has left is better than nothing.
        for _ in 0..<256 {
            let before = load(Word.sequence)
            guard before & 1 == 0 else {
                sched_yield()
                continue
            }
            let found = copy
            talon_atomic_fence_acquire()
            if talon_atomic_load_u64(words + Word.sequence) == before { return LaneRequest(words: found) }
        }
        return LaneRequest(words: copy)
    }

    /// Made sense of only when it is known to be whole: the shorter the time of reading, the better its chance.
    private var copy: [UInt64] {
        [UInt64](unsafeUninitializedCapacity: Word.count) { buffer, count in
            for word in 0..<Word.count { buffer[word] = talon_atomic_load_u64(words + word) }
            count = Word.count
        }
    }
}

extension LaneRequest {
    /// Of the words of a lane, which may hold anything.
    fileprivate init?(words: [UInt64]) {
        typealias Word = ScoreboardLane.Word
        let since = words[Word.requestSince]
        guard since > 0 else { return nil }
        func text(_ first: Int, _ count: Int) -> String {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: words[first + $0 / 8] >> UInt64($0 % 8 * 8)) }
            return String(decoding: bytes, as: UTF8.self)
        }
        let shape = words[Word.shape]
        let whole = Int(shape >> 32)
        let kept = min(Int(shape >> 8 & 0xFF), LaneRequest.pathLimit)
        let path = text(Word.path, kept)
        self.init(
            method: text(Word.method, min(Int(shape & 0xFF), LaneRequest.methodLimit)),
            path: whole > kept ? path + "…" : path, versionMinor: Int(shape >> 16 & 0xFF),
            phase: RequestPhase(rawValue: UInt8(truncatingIfNeeded: words[Word.phase])) ?? .application, since: since,
            activeSince: max(since, words[Word.activeSince]))
    }
}

extension RawSpan {
    /// Eight bytes from `offset` on as a word, the first in its lowest byte; what is at `end` or after it is 0.
    @inline(__always)
    fileprivate func word(at offset: Int, upTo end: Int) -> UInt64 {
        if offset + 8 <= end {
            return UInt64(littleEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
        var word: UInt64 = 0
        var index = end
        while index > offset {
            index -= 1
            word = word << 8 | UInt64(unsafeLoad(fromByteOffset: index, as: UInt8.self))
        }
        return word
    }
}
