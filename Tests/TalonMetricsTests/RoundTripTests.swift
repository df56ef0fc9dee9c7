import Testing

@testable import TalonMetrics

@Suite struct `Random families` {
    @Test(arguments: 0..<6 as Range<UInt64>)
    func `are read from each format by others as they were written`(seed: UInt64) throws {
        var random = RandomFamilies(seed: seed)
        let families = random.families(count: 40)
        for format in [ExpositionFormat.text, .openMetrics, .protobuf] {
            let directory = try TemporaryDirectory()
            try directory.write(format.render(families), to: "exposition")
            let read = try Program.python(
                format == .protobuf ? ExpositionParsers.protobuf : ExpositionParsers.text(format),
                directory: directory.path)
            let lines = read.split(separator: "\n").map(String.init).sorted()
            let expected = families.flatMap { Self.lines($0, in: format) }.sorted()
            #expect(lines.count == expected.count, "\(format)")
            for (line, other) in zip(lines, expected) where line != other {
                Issue.record("\(format): read \(line), written \(other)")
            }
        }
    }

    /// What a parser shall find of a family, in a form in which nothing needs to be escaped.
    private static func lines(_ family: MetricFamily, in format: ExpositionFormat) -> [String] {
        let type = family.type == .info && format != .openMetrics ? MetricType.gauge : family.type
        var name = family.name
        if type == .counter { name = name.withoutSuffix("_total") }
        if type == .info { name = name.withoutSuffix("_info") }
        var lines = ["family \(name) \(type) \(hex(family.help))"]
        for sample in family.samples {
            let labels = labels(sample.labels)
            // The protobuf format has one count for both kinds of buckets.
            let native = format == .protobuf ? sample.details?.native : nil
            var line = "\(sample.name) \(labels) \(bits(native.map { Double($0.count) } ?? sample.value))"
            guard format != .text, let details = sample.details else {
                lines.append(line)
                continue
            }
            if let exemplar = details.exemplar {
                line +=
                    " \(Self.labels(exemplar.exemplar.labels)) \(bits(exemplar.value)) \(bits(exemplar.exemplar.time))"
            }
            lines.append(line)
            if let created = details.created { lines.append("\(name)_created \(labels) \(bits(created))") }
            guard let native else { continue }
            func buckets(_ counts: [Int: UInt64]) -> String {
                counts.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" }.joined(separator: ",")
            }
            lines.append(
                "native \(name) \(labels) \(native.schema) \(bits(native.zeroThreshold)) \(native.zeroCount) "
                    + "+\(buckets(native.positive)) -\(buckets(native.negative))")
        }
        return lines
    }

    private static func hex(_ text: String) -> String {
        text.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static func bits(_ value: Double) -> String {
        value.isNaN ? "nan" : String(value.bitPattern, radix: 16)
    }

    private static func labels(_ labels: [Label]) -> String {
        "{" + labels.map { "\($0.name)=\(hex($0.value))" }.joined(separator: ",") + "}"
    }
}
