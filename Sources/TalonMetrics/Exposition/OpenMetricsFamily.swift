/// How one family appears in OpenMetrics.
struct OpenMetricsFamily {
    /// What is after `# TYPE`; `unknown` takes any sample.
    let type: String
    /// Without the suffix that its type puts behind each sample's name.
    let name: String
    let help: String
    /// In order; those of one set of labels together.
    let samples: [Sample]

    /// Names that no other family may have or give to a sample.
    var reserved: [String] {
        let suffixes: [String] =
            switch type {
            case "counter": ["_total", "_created"]
            case "histogram": ["_bucket", "_count", "_sum", "_created"]
            case "summary": ["_count", "_sum", "_created"]
            case "info": ["_info"]
            default: []
            }
        return [name] + suffixes.map { name + $0 }
    }

    /// The family as its own type, or nil where a strict parser would refuse it: a name without the type's suffix, a
    /// counter that is negative, a histogram that is not cumulative. Such numbers come from damaged or foreign files.
    init?(_ family: MetricFamily) {
        help = family.help
        switch family.type {
        case .gauge:
            (type, name, samples) = ("gauge", family.name, family.samples)
        case .counter:
            type = "counter"
            name = family.name.withoutSuffix("_total")
            let total = name + "_total"
            samples = family.samples.map { sample in
                sample.name == total ? sample : sample.named(total)
            }
            guard samples.allSatisfy({ $0.value >= 0 }) else { return nil }
        case .info:
            (type, name, samples) = ("info", family.name.withoutSuffix("_info"), family.samples)
            guard name != family.name, samples.allSatisfy({ $0.value == 1 }) else { return nil }
        case .summary:
            (type, name) = ("summary", family.name)
            let sum = name + "_sum"
            let count = name + "_count"
            // A sum that may fall is not one for OpenMetrics.
            samples = family.samples.filter { $0.name != sum || $0.value >= 0 }
            guard samples.allSatisfy({ $0.name != count || $0.value.isCount }) else { return nil }
        case .histogram:
            (type, name) = ("histogram", family.name)
            guard let samples = Self.histogram(family) else { return nil }
            self.samples = samples
        }
    }

    /// The samples of one name in a family that is not valid as its own type.
    init(untyped name: String, of family: MetricFamily) {
        type = "unknown"
        self.name = name
        help = family.help
        samples = family.samples.filter { $0.name == name }
    }

    /// Without `_sum` and `_count` where something negative was observed, as OpenMetrics demands.
    private static func histogram(_ family: MetricFamily) -> [Sample]? {
        let names = (bucket: family.name + "_bucket", sum: family.name + "_sum", count: family.name + "_count")
        var result: [Sample] = []
        result.reserveCapacity(family.samples.count)
        var last: Sample?
        var hasNegative = false
        for sample in family.samples {
            switch sample.name {
            case names.bucket:
                guard sample.value.isCount, last.map({ $0.value <= sample.value }) ?? true else { return nil }
                if last == nil { hasNegative = sample.labels.contains { $0.name == "le" && $0.value.hasPrefix("-") } }
                last = sample
            case names.sum:
                guard last?.isInfinite ?? false else { return nil }
                if !(sample.value >= 0) { hasNegative = true }
                if hasNegative { continue }
            case names.count:
                guard let total = last, total.isInfinite, total.value == sample.value else { return nil }
                last = nil
                if hasNegative { continue }
            default: return nil
            }
            result.append(sample)
        }
        return last == nil ? result : nil
    }
}

extension Sample {
    fileprivate func named(_ name: String) -> Sample {
        Sample(name: name, labels: labels, value: value, details: details)
    }

    /// Whether it is a last bucket.
    fileprivate var isInfinite: Bool { labels.contains { $0.name == "le" && $0.value == "+Inf" } }
}

extension Double {
    /// Whether it can be a number of observations.
    fileprivate var isCount: Bool { self >= 0 && isFinite && self == rounded(.down) }
}
