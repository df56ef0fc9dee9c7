import TalonPlatform

/// The latest exemplar of each bucket of one histogram.
///
/// Eight words for each, all written atomically:
///
///     0  sequence: 0 never written, odd while a thread writes, else twice how often it was
///     1  trace id, first half      2  trace id, second half      3  span id
///     4  value, a double           5  seconds since 1970, a double
///     6  checksum of words 0 to 5  7  0
///
/// Numbers are in the machine's order. The checksum, not the order of the bytes, tells a reader in another process that
/// it has one whole exemplar: it copies the file and does not see in which order.
struct ExemplarCells: Sendable {
    static let wordCount = 8

    private let words: MappedWords

    init(words: MappedWords) {
        self.words = words
    }

    /// Replaces the exemplar of a bucket, unless another thread is just doing that: then one of two is as good.
    ///
    /// A thread that is killed meanwhile leaves the bucket's sequence odd; ``repair(_:)`` makes it even again when the
    /// file is taken over.
    func store(_ exemplar: Exemplar, value: Double, bucket: Int) {
        let start = bucket * Self.wordCount
        let sequence = words.load(start)
        guard sequence & 1 == 0, words.exchange(sequence, for: sequence &+ 1, at: start) else { return }
        let next = sequence &+ 2
        var sum = Self.mix(0, next)
        var place = start
        func put(_ word: UInt64) {
            place += 1
            words.store(word, at: place)
            sum = Self.mix(sum, word)
        }
        put(exemplar.traceHigh)
        put(exemplar.traceLow)
        put(exemplar.span)
        put(value.bitPattern)
        put(exemplar.time.bitPattern)
        words.store(sum, at: place + 1)
        words.publish(next, at: start)
    }

    /// Makes buckets writable that a killed predecessor left half written.
    ///
    /// For the one that has just taken over the file, before anybody uses it.
    static func repair(_ words: MappedWords) {
        for start in stride(from: 0, to: words.count - wordCount + 1, by: wordCount) where words.load(start) & 1 == 1 {
            words.store(0, at: start)
        }
    }

    /// The exemplar in eight words of an image; nil if there is none, or half of one.
    static func exemplar(_ word: (Int) -> UInt64) -> ObservedExemplar? {
        let sequence = word(0)
        let sum = (0..<6).reduce(0) { mix($0, word($1)) }
        let (value, time) = (Double(bitPattern: word(4)), Double(bitPattern: word(5)))
        guard sequence != 0, sequence & 1 == 0, sum == word(6), word(1) | word(2) != 0, value.isFinite, time > 0,
            time < 1e12
        else { return nil }
        return ObservedExemplar(
            Exemplar(traceHigh: word(1), traceLow: word(2), span: word(3), time: time), value: value)
    }

    /// A checksum's next step: Fibonacci hashing, each word moving all bits.
    private static func mix(_ sum: UInt64, _ word: UInt64) -> UInt64 {
        let product = (sum ^ word) &* 0x9E37_79B9_7F4A_7C15
        return (product ^ product >> 29) &+ 1
    }
}
