/// The OpenMetrics text format, version 1.0.0.
enum OpenMetricsExposition {
    /// The families as text, joined and sorted as in ``TextExposition/render(_:excluding:)``, up to the `# EOF`.
    ///
    /// The format is stricter than the older one: no two families may lay claim to a name. One that would is shown as
    /// `unknown`, under the names of its samples; what even so has another's name is left out.
    static func render(_ families: [MetricFamily]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(families.reduce(0) { $0 + 256 + 128 * $1.samples.count })
        var taken: Set<String> = []
        for family in MetricFamily.merge(families) where !family.samples.isEmpty {
            if let typed = OpenMetricsFamily(family), taken.isDisjoint(with: typed.reserved) {
                taken.formUnion(typed.reserved)
                append(typed, to: &output)
                continue
            }
            var seen: Set<String> = []
            for name in family.samples.map(\.name) where seen.insert(name).inserted && taken.insert(name).inserted {
                append(OpenMetricsFamily(untyped: name, of: family), to: &output)
            }
        }
        output.append(contentsOf: "# EOF\n".utf8)
        return output
    }

    private static func append(_ family: OpenMetricsFamily, to output: inout [UInt8]) {
        if !family.help.isEmpty {
            output.append(contentsOf: "# HELP \(family.name) ".utf8)
            TextExposition.appendEscaped(family.help, quotes: true, to: &output)
            output.append(UInt8(ascii: "\n"))
        }
        output.append(contentsOf: "# TYPE \(family.name) \(family.type)\n".utf8)
        let created = family.name + "_created"
        for sample in family.samples {
            TextExposition.appendSeries(sample.name, sample.labels, to: &output)
            FloatFormat.appendGo(sample.value, to: &output)
            if family.type == "counter" || family.type == "histogram", let exemplar = sample.details?.exemplar {
                append(exemplar, to: &output)
            }
            output.append(UInt8(ascii: "\n"))
            guard family.type != "unknown", let time = sample.details?.created else { continue }
            TextExposition.appendSeries(created, sample.labels, to: &output)
            append(time: time, to: &output)
            output.append(UInt8(ascii: "\n"))
        }
    }

    private static func append(_ observed: ObservedExemplar, to output: inout [UInt8]) {
        output.append(contentsOf: " # ".utf8)
        TextExposition.appendLabels(observed.exemplar.labels, to: &output)
        output.append(UInt8(ascii: " "))
        FloatFormat.appendGo(observed.value, to: &output)
        output.append(UInt8(ascii: " "))
        append(time: observed.exemplar.time, to: &output)
    }

    /// Seconds since 1970 with three decimals: an exponent would be legal and hard to read.
    private static func append(time: Double, to output: inout [UInt8]) {
        let milliseconds = Int((min(max(time, 0), 1e12) * 1000).rounded())
        let decimals = String(milliseconds % 1000)
        output.append(contentsOf: String(milliseconds / 1000).utf8)
        output.append(UInt8(ascii: "."))
        output.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: 3 - decimals.utf8.count))
        output.append(contentsOf: decimals.utf8)
    }
}
