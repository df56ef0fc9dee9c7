import Synchronization

/// The values that a label has had, numbered as they came, up to a limit: so no label can have more, whoever chooses
/// its values. Any thread; what is known is found without a lock.
package final class LabelTable: Sendable {
    private struct Entry: Sendable {
        let text: [UInt8]
        let number: Int
    }

    /// The number of every value beyond the limit, which has none of its own.
    package let limit: Int
    /// Open addressing: twice as many places as values, so a search ends soon.
    private let places: LazyTable<Entry>
    private let mask: Int
    private let used = Mutex(0)
    private let isFull = Atomic(false)

    /// What stands for the values beyond the limit.
    package static let other = "other"

    /// `limit`: at least 1.
    package init(limit: Int) {
        self.limit = limit
        var size = 4
        while size < limit * 2 { size *= 2 }
        places = LazyTable(count: size)
        mask = size - 1
    }

    /// The number of a value, below ``limit``; the limit itself if there is no room for it.
    package func number(of text: Span<UInt8>) -> Int {
        var place = LabelTable.hash(text) & mask
        while let entry = places[place] {
            if LabelTable.isSame(entry.text, text) { return entry.number }
            place = (place + 1) & mask
        }
        guard !isFull.load(ordering: .relaxed) else { return limit }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        for index in text.indices { bytes.append(text[index]) }
        return add(bytes, at: place)
    }

    private func add(_ text: [UInt8], at first: Int) -> Int {
        used.withLock { used in
            var place = first
            // Another thread may have been here since.
            while let entry = places[place] {
                if entry.text == text { return entry.number }
                place = (place + 1) & mask
            }
            guard used < limit else { return limit }
            let number = used
            _ = places.value(at: place) { Entry(text: text, number: number) }
            used += 1
            if used == limit { isFull.store(true, ordering: .relaxed) }
            return number
        }
    }

    private static func isSame(_ left: [UInt8], _ right: Span<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        for index in right.indices where left[index] != right[index] { return false }
        return true
    }

    /// FNV-1a.
    private static func hash(_ text: Span<UInt8>) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for index in text.indices { hash = (hash ^ UInt64(text[index])) &* 0x100_0000_01B3 }
        return Int(truncatingIfNeeded: hash ^ hash >> 32)
    }
}
