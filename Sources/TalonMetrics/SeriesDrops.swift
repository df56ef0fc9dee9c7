import TalonPlatform

/// Counts the series of a store that are in private memory and so in no exposition, by reason.
///
/// The count itself must find room where there is none: other keys leave it some at the end of the file of counters.
struct SeriesDrops {
    /// Bytes that the keys of all reasons need.
    static let reserve = 2048

    private var cells: [MetricError.Code: MappedCell] = [:]

    /// Counts one; `file` is that of the counters.
    mutating func count(_ reason: MetricError.Code, in file: StoreFile?) {
        let cell = cells[reason] ?? Self.cell(reason, file)
        cells[reason] = cell
        cell.add(1)
    }

    private static func cell(_ reason: MetricError.Code, _ file: StoreFile?) -> MappedCell {
        let name = StoreFamilies.dropped.name
        let key = MetricKey(
            metric: String(name.dropLast("_total".count)), sample: name, labels: [Label("reason", reason.rawValue)],
            help: StoreFamilies.dropped.help
        ).text
        return (file?.existing(key) ?? (try? file?.add(key)))?.value ?? .unshared()
    }
}
