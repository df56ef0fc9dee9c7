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
    /// histogram without a classic one is left out, for it has no sum.
    func attach(to families: inout [MetricFamily]) {
        for index in families.indices where families[index].type == .histogram {
            guard let groups = found[families[index].name] else { continue }
            let bucketName = families[index].name + "_bucket"
            let countName = families[index].name + "_count"
            for position in families[index].samples.indices {
                let sample = families[index].samples[position]
                if sample.name == countName, let native = groups[sample.labels]?.native {
                    families[index].samples[position].details = SampleDetails(native: native)
                } else if sample.name == bucketName,
                    let bound = sample.labels.first(where: { $0.name == "le" }).flatMap({
                        FloatFormat.value(of: $0.value)
                    }),
                    let exemplar = groups[sample.labels.filter { $0.name != "le" }]?.exemplars[bound]
                {
                    families[index].samples[position].details = SampleDetails(exemplar: exemplar)
                }
            }
        }
    }
}
