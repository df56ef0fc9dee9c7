import TalonPlatform

/// The two cells of an entry.
struct CellPair {
    let value: MappedCell
    /// Seconds since 1970; only gauges of the mode `mostrecent` use it.
    let timestamp: MappedCell
}

/// All cells of one metric type (for gauges: of one mode).
///
/// Not for two threads at a time.
///
/// Always gives a cell. Without a file, or when the file can grow no more, it is in private memory, where it works as
/// always and nobody sees it; beyond `privateLimit` such keys they share one, so that a full disk does not become
/// a full memory.
struct CellShelf {
    static let privateLimit = 16_384

    let file: StoreFile?
    /// Why no new key goes to the file; nil as long as one may. Asking again for each key would be a system call each.
    private var refusal: MetricError.Code?
    /// Bytes of the file that new keys leave free.
    private let reserve: Int
    private var memory: [String: CellPair] = [:]
    private var spill: CellPair?

    init(file: StoreFile, reserve: Int) {
        self.file = file
        self.reserve = reserve
    }

    /// A shelf without a file, for the reason given.
    init(refusal: MetricError.Code) {
        file = nil
        reserve = 0
        self.refusal = refusal
    }

    /// The keys in the file.
    var keys: [String] { file?.keys ?? [] }

    /// The cells of `key`, made if it is new.
    ///
    /// `failed` is told why the file takes no more, the first time only; `dropped`, why a new series is in private
    /// memory. Beyond `privateLimit` a series is new each time.
    mutating func cells(
        for key: String, failed: (MetricError) -> Void, dropped: (MetricError.Code) -> Void
    ) -> CellPair {
        if let pair = file?.existing(key) ?? memory[key] { return pair }
        if refusal == nil, let file {
            do {
                return try file.add(key, leaving: reserve)
            } catch {
                refusal = error.code
                failed(error)
            }
        }
        dropped(refusal ?? .access)
        guard memory.count < Self.privateLimit else {
            let pair = spill ?? Self.unshared()
            spill = pair
            return pair
        }
        let pair = Self.unshared()
        memory[key] = pair
        return pair
    }

    private static func unshared() -> CellPair {
        CellPair(value: .unshared(), timestamp: .unshared())
    }
}
