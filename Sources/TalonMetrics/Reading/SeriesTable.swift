/// Joins the entries of all files to families.
///
/// One value per series and scrape; what a series is called and where it belongs is worked out once and kept between
/// scrapes.
struct SeriesTable {
    /// The number of a series in this table.
    typealias Identifier = Int

    /// What is to be done with an entry that does not belong in the exposition.
    enum Rejection: Error, Equatable {
        /// `_created` and the like: left out without a word.
        case unneeded
        /// Left out and reported.
        case invalid(String)
    }

    private struct Series {
        let operation: Operation
        var value = 0.0
        var timestamp = 0.0
        /// Whether any file had it in this scrape.
        var isPresent = false
    }

    private enum Operation {
        case sum, least, greatest, last, mostRecent
    }

    private var series: [Series] = []
    private var identifiers: [Place: Identifier] = [:]
    private var families: [String: FamilyLayout] = [:]

    /// Where a series belongs.
    private struct Place: Hashable {
        let family: String
        let labels: [Label]
        let part: FamilyLayout.Part
    }

    var count: Int { series.count }

    /// How many series the latest scrape had.
    var presentCount: Int { series.count { $0.isPresent } }

    /// Starts a scrape: no series has a value.
    mutating func begin() {
        for index in series.indices {
            series[index].isPresent = false
            series[index].value = 0
            series[index].timestamp = 0
        }
    }

    /// Takes in one entry of one file.
    mutating func add(_ value: Double, timestamp: Double, to identifier: Identifier) {
        let known = series[identifier].isPresent
        let before = series[identifier].value
        switch series[identifier].operation {
        case .sum:
            series[identifier].value = before + value
        case .least where known:
            if value < before { series[identifier].value = value }
        case .greatest where known:
            if value > before { series[identifier].value = value }
        case .mostRecent:
            // A gauge that was never set has the timestamp 0 and is not shown at all.
            guard timestamp > series[identifier].timestamp else { return }
            series[identifier].timestamp = timestamp
            series[identifier].value = value
        case .least, .greatest, .last:
            series[identifier].value = value
        }
        series[identifier].isPresent = true
    }

    /// The number of the series that a key in a file of this name means.
    mutating func identifier(of key: MetricKey, in file: MetricFileName) throws(Rejection) -> Identifier {
        guard MetricNames.isMetric(key.metric), key.labels.allSatisfy({ MetricNames.isLabel($0.name) }) else {
            throw .invalid("a name in \(key.text) is not one that Prometheus accepts")
        }
        let name = file.type == .counter && !key.metric.hasSuffix("_total") ? key.metric + "_total" : key.metric
        var labels = key.labels
        let part = try FamilyLayout.Part(key, type: file.type, labels: &labels)
        let aggregation = file.mode?.aggregation
        if aggregation == .perProcess {
            labels.removeAll { $0.name == "pid" }
            labels.append(Label("pid", file.identifier))
            labels.sort()
        }
        let layout = families[name] ?? FamilyLayout(type: file.type, aggregation: aggregation, help: key.help)
        guard layout.type == file.type else {
            throw .invalid("\(name) is a \(file.type.rawValue) here and a \(layout.type.rawValue) elsewhere")
        }
        guard layout.aggregation == aggregation else {
            throw .invalid("the gauge \(name) has another mode elsewhere")
        }
        let place = Place(family: name, labels: labels, part: part)
        if let known = identifiers[place] { return known }
        let operation: Operation =
            switch aggregation {
            case nil, .sum: .sum
            case .least: .least
            case .greatest: .greatest
            case .perProcess: .last
            case .mostRecent: .mostRecent
            }
        let identifier = series.count
        series.append(Series(operation: operation))
        identifiers[place] = identifier
        families[name, default: layout].insert(identifier, part: part, labels: labels)
        return identifier
    }

    /// The families of this scrape, sorted by name; samples sorted by labels, buckets by their bounds.
    func familiesNow() -> [MetricFamily] {
        families.sorted { $0.key < $1.key }.compactMap { name, layout in
            let samples = layout.samples(name: name) { series[$0].isPresent ? series[$0].value : nil }
            guard !samples.isEmpty else { return nil }
            return MetricFamily(name: name, type: layout.type, help: layout.help, samples: samples)
        }
    }
}
