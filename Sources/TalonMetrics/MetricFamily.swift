/// The type of a family, named as in a `# TYPE` line of OpenMetrics.
package enum MetricType: String, Sendable, Hashable {
    case counter, gauge, histogram, summary
    /// A gauge named `…_info` that is always 1 and says all in its labels. Only OpenMetrics knows it as a type; no file
    /// has it.
    case info
}

/// One label of a series.
package struct Label: Sendable, Hashable, Comparable {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    package static func < (left: Label, right: Label) -> Bool {
        left.name == right.name ? left.value < right.value : left.name < right.name
    }
}

/// One line of an exposition: a name, its labels and the value at the moment of reading.
package struct Sample: Sendable, Equatable {
    /// The full name, with `_total`, `_bucket`, `_sum` or `_count` where the type has it.
    package let name: String
    /// Sorted by name.
    package let labels: [Label]
    package fileprivate(set) var value: Double
    /// Nil for nearly each one.
    package var details: SampleDetails?

    /// Takes the labels in any order.
    package init(name: String, labels: [Label] = [], value: Double, details: SampleDetails? = nil) {
        self.name = name
        self.labels = labels.count > 1 ? labels.sorted() : labels
        self.value = value
        self.details = details
    }

    /// Takes labels that are sorted already.
    init(name: String, sorted labels: [Label], value: Double) {
        self.name = name
        self.labels = labels
        self.value = value
    }
}

/// All samples under one `# HELP` and `# TYPE`, as they are exposed: buckets are cumulative.
package struct MetricFamily: Sendable, Equatable {
    /// The exposed name: a counter's ends in `_total`.
    package let name: String
    package let type: MetricType
    package let help: String
    /// Of a gauge from files: how those of several processes were joined, and those of several hosts are to be.
    package let aggregation: GaugeMode.Aggregation?
    package var samples: [Sample] {
        didSet { lines = nil }
    }
    /// The samples' text but for their values, where the reader keeps it between scrapes.
    private(set) var lines: TextLines?

    package init(
        name: String, type: MetricType, help: String, samples: [Sample], aggregation: GaugeMode.Aggregation? = nil
    ) {
        self.init(name: name, type: type, help: help, samples: samples, lines: nil, aggregation: aggregation)
    }

    init(
        name: String, type: MetricType, help: String, samples: [Sample], lines: TextLines?,
        aggregation: GaugeMode.Aggregation?
    ) {
        self.aggregation = aggregation
        self.name = name
        self.type = type
        self.help = help
        self.samples = samples
        self.lines = lines
    }

    /// Gives each sample a new value; names and labels stay, so its text does. `value` is asked in their order.
    mutating func setValues(_ value: (Int) -> Double) {
        let kept = lines
        var changed = samples
        samples = []  // else it would be copied
        for index in changed.indices { changed[index].value = value(index) }
        samples = changed
        lines = kept
    }

    package static func == (left: MetricFamily, right: MetricFamily) -> Bool {
        left.name == right.name && left.type == right.type && left.help == right.help && left.samples == right.samples
    }
}

extension MetricFamily {
    /// One family per name, sorted by name.
    ///
    /// Families of one name are joined: the first gives type and help, a later one of another type is left out, and of
    /// two samples with the same name and labels the later counts. So a caller may lay its live values over those
    /// that were read from files, and a scrape can never show a series twice, which Prometheus would refuse.
    package static func merge(_ families: [MetricFamily]) -> [MetricFamily] {
        var positions: [String: Int] = [:]
        var merged: [MetricFamily] = []
        merged.reserveCapacity(families.count)
        for family in families {
            if let position = positions[family.name] {
                guard merged[position].type == family.type else { continue }
                merged[position].lay(over: family.samples)
            } else {
                positions[family.name] = merged.count
                merged.append(family)
            }
        }
        return merged.sorted { $0.name < $1.name }
    }

    private mutating func lay(over later: [Sample]) {
        struct Identity: Hashable {
            let name: String
            let labels: [Label]
        }
        var positions: [Identity: Int] = [:]
        for (position, sample) in samples.enumerated() {
            positions[Identity(name: sample.name, labels: sample.labels)] = position
        }
        for sample in later {
            let identity = Identity(name: sample.name, labels: sample.labels)
            if let position = positions[identity] {
                samples[position] = sample
            } else {
                positions[identity] = samples.count
                samples.append(sample)
            }
        }
    }
}
