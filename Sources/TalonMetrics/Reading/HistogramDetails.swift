/// What the records of all files say about histograms, joined.
struct HistogramDetails {
    private struct Found {
        var native: NativeHistogram?
        /// The latest of each bucket.
        var exemplars: [Double: ObservedExemplar] = [:]
    }

    private var found: [String: [[Label]: Found]] = [:]

    mutating func add(_ native: NativeHistogram, family: String, labels: [Label]) {
        guard var sum = found[family]?[labels]?.native else {
            found[family, default: [:]][labels, default: Found()].native = native
            return
        }
        sum.add(native)
        found[family]?[labels]?.native = sum
    }

    mutating func add(_ exemplar: ObservedExemplar, bound: Double, family: String, labels: [Label]) {
        let known = found[family]?[labels]?.exemplars[bound]
        if let known, known.exemplar.time >= exemplar.exemplar.time { return }
        found[family, default: [:]][labels, default: Found()].exemplars[bound] = exemplar
    }

    /// Gives the samples of each histogram what belongs to them.
    ///
    /// An exemplar goes to the bucket of its bound and nowhere else, so that its value lies in the bucket; a native
    /// histogram without a classic one is left out, for it has no sum. Buckets are before their `_count`, which has the
    /// labels of the group.
    func attach(to families: inout [MetricFamily]) {
        for index in families.indices where families[index].type == .histogram {
            guard let groups = found[families[index].name] else { continue }
            let count = families[index].name + "_count"
            var start = 0
            for position in families[index].samples.indices where families[index].samples[position].name == count {
                if let group = groups[families[index].samples[position].labels] {
                    Self.attach(group, to: &families[index].samples, start..<position + 1)
                }
                start = position + 1
            }
        }
    }

    private static func attach(_ group: Found, to samples: inout [Sample], _ range: Range<Int>) {
        if let native = group.native, let count = range.last {
            samples[count].details = SampleDetails(native: native)
        }
        guard !group.exemplars.isEmpty else { return }
        for position in range {
            guard let bound = samples[position].labels.first(where: { $0.name == "le" }),
                let exemplar = FloatFormat.value(of: bound.value).flatMap({ group.exemplars[$0] })
            else { continue }
            samples[position].details = SampleDetails(exemplar: exemplar)
        }
    }
}
