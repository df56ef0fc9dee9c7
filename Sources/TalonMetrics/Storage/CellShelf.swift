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

    private var file: StoreFile?
    /// False once the file refused to grow: asking again for each key would be a system call each.
    private var grows: Bool
    private var memory: [String: CellPair] = [:]
    private var spill: CellPair?

    /// Nil if there is no file to write to.
    init(file: StoreFile?) {
        self.file = file
        grows = file != nil
    }

    /// The keys in the file.
    var keys: [String] { file?.keys ?? [] }

    /// The cells of `key`, made if it is new.
    ///
    /// `failed` is told why they are in private memory, the first time only.
    mutating func cells(for key: String, failed: (MetricError) -> Void) -> CellPair {
        if let pair = file?.existing(key) ?? memory[key] { return pair }
        if grows, let file {
            do {
                return try file.add(key)
            } catch {
                grows = false
                failed(error)
            }
        }
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
