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
        let family: Int
        var value = 0.0
        var timestamp = 0.0
        /// Whether any file had it in this scrape, and in the one before.
        var isPresent = false
        var wasPresent = false

        /// False if the value is impossible.
        mutating func add(_ new: Double, timestamp newTimestamp: Double) -> Bool {
            switch operation {
            case .count:
                guard new >= 0 else { return false }
                value += new
            case .sum:
                value += new
            case .least where isPresent:
                if new < value { value = new }
            case .greatest where isPresent:
                if new > value { value = new }
            case .mostRecent:
                // A gauge that was never set has the timestamp 0 and is not shown at all.
                guard newTimestamp > timestamp else { return true }
                timestamp = newTimestamp
                value = new
            case .least, .greatest, .last:
                value = new
            }
            isPresent = true
            return true
        }
    }

    private enum Operation {
        /// A sum of what can only be 0 or more: counters, buckets, numbers of observations.
        case count
        case sum, least, greatest, last, mostRecent
    }

    private var series: [Series] = []
    private var identifiers: [Place: Identifier] = [:]
    private var families: [FamilyLayout] = []
    /// Where each family is, by its name.
    private var positions: [String: Int] = [:]

    /// Whether an entry was rejected for what another file says.
    private(set) var hasConflict = false

    /// Where a series belongs.
    private struct Place: Hashable {
        let family: Int
        let labels: [Label]
        let part: SeriesPart
    }

    var count: Int { series.count }

    /// How many series the latest scrape had.
    var presentCount: Int { series.count { $0.isPresent } }

    /// Starts a scrape: no series has a value.
    mutating func begin() {
        for index in series.indices {
            series[index].wasPresent = series[index].isPresent
            series[index].isPresent = false
            series[index].value = 0
            series[index].timestamp = 0
        }
    }

    /// Takes in a file's entries, and says how many of them are impossible: a count that is negative or NaN is none, and
    /// would spoil those of all other files. `identifiers` are those of the entries' series; -1 for none.
    mutating func add(_ image: FileImage, _ entries: [EntryFormat], _ identifiers: [Identifier]) -> Int {
        var impossible = 0
        var series = series
        self.series = []  // else it would be copied
        image.forEachValue(of: entries) { place, value, timestamp in
            let identifier = identifiers[place]
            guard identifier >= 0 else { return }
            if !series[identifier].add(value, timestamp: timestamp) { impossible += 1 }
        }
        self.series = series
        return impossible
    }

    /// The number of the series that a key in a file of this name means.
    mutating func identifier(of key: MetricKey, in file: MetricFileName) throws(Rejection) -> Identifier {
        guard MetricNames.isMetric(key.metric), key.labels.allSatisfy({ MetricNames.isLabel($0.name) }) else {
            throw .invalid("a name in \(key.text) is not one that Prometheus accepts")
        }
        let name = file.type == .counter && !key.metric.hasSuffix("_total") ? key.metric + "_total" : key.metric
        var labels = key.labels
        let part = try SeriesPart(key, type: file.type, labels: &labels)
        let aggregation = file.mode?.aggregation
        if aggregation == .perProcess {
            labels.removeAll { $0.name == "pid" }
            labels.append(Label("pid", file.identifier))
            labels.sort()
        }
        let family = positions[name] ?? families.count
        if family == families.count {
            families.append(FamilyLayout(name: name, type: file.type, aggregation: aggregation, help: key.help))
            positions[name] = family
        }
        let type = families[family].type
        guard type == file.type else {
            hasConflict = true
            throw .invalid("\(name) is a \(file.type.rawValue) here and a \(type.rawValue) elsewhere")
        }
        guard families[family].aggregation == aggregation else {
            hasConflict = true
            throw .invalid("the gauge \(name) has another mode elsewhere")
        }
        let place = Place(family: family, labels: labels, part: part)
        if let known = identifiers[place] { return known }
        let identifier = series.count
        series.append(Series(operation: Self.operation(aggregation, part), family: family))
        identifiers[place] = identifier
        families[family].insert(identifier, part: part, labels: labels)
        return identifier
    }

    private static func operation(_ aggregation: GaugeMode.Aggregation?, _ part: SeriesPart) -> Operation {
        switch aggregation {
        case nil: part == .sum ? .sum : .count
        case .sum: .sum
        case .least: .least
        case .greatest: .greatest
        case .perProcess: .last
        case .mostRecent: .mostRecent
        }
    }

    /// The families of this scrape, sorted by name; samples sorted by labels, buckets by their bounds.
    mutating func familiesNow() -> [MetricFamily] {
        for one in series where one.isPresent != one.wasPresent { families[one.family].isChanged = true }
        let series = series
        var shown: [MetricFamily] = []
        for position in families.indices {
            if let family = families[position].family({ series[$0].isPresent ? series[$0].value : nil }) {
                shown.append(family)
            }
        }
        return shown.sorted { $0.name < $1.name }
    }
}
