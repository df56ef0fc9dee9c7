/// The samples that make up one histogram or summary: those whose labels differ at most in `le`.
struct SampleGroup {
    /// Without `le`.
    let labels: [Label]
    var buckets: [(bound: Double, sample: Sample)] = []
    var sum: Sample?
    var count: Sample?

    /// The groups of a family, in the order of their first samples.
    static func groups(of family: MetricFamily) -> [SampleGroup] {
        let (bucketName, sumName) = (family.name + "_bucket", family.name + "_sum")
        var groups: [SampleGroup] = []
        var positions: [[Label]: Int] = [:]
        var last: Int?
        for sample in family.samples {
            let isBucket = sample.name == bucketName
            let labels = isBucket ? sample.labels.filter { $0.name != "le" } : sample.labels
            // Nearly always the group of the sample before.
            let position: Int
            if let last, groups[last].labels == labels {
                position = last
            } else if let known = positions[labels] {
                position = known
            } else {
                position = groups.count
                positions[labels] = position
                groups.append(SampleGroup(labels: labels))
            }
            last = position
            if isBucket {
                let bound = sample.labels.first { $0.name == "le" }.flatMap { FloatFormat.value(of: $0.value) }
                if let bound { groups[position].buckets.append((bound, sample)) }
            } else if sample.name == sumName {
                groups[position].sum = sample
            } else {
                groups[position].count = sample
            }
        }
        return groups
    }
}
