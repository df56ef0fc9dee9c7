@testable import TalonMetrics

/// Families that are valid in every format, of every type, with everything that a sample can have beside its value.
struct RandomFamilies {
    private var generator: SeededGenerator

    init(seed: UInt64) {
        generator = SeededGenerator(state: seed)
    }

    mutating func families(count: Int) -> [MetricFamily] {
        (0..<count).map { family(named: "f\($0)") }
    }

    private mutating func family(named name: String) -> MetricFamily {
        let labels = Set((0..<Int.random(in: 1...4, using: &generator)).map { _ in self.labels() })
        switch Int.random(in: 0..<5, using: &generator) {
        case 0:
            return family(name + "_total", .counter, labels) { random, labels in
                let exemplar = random.one(in: 2) ? random.exemplar(Double(random.small())) : nil
                let details = SampleDetails(exemplar: exemplar, created: random.one(in: 2) ? random.time() : nil)
                return [random.sample(name + "_total", labels, random.number().magnitude, details)]
            }
        case 1:
            return family(name, .gauge, labels) { [$0.sample(name, $1, $0.number(), nil)] }
        case 2:
            return family(name + "_info", .info, labels) { [$0.sample(name + "_info", $1, 1, nil)] }
        case 3:
            return family(name, .summary, labels) { random, labels in
                let created = random.one(in: 2) ? SampleDetails(created: random.time()) : nil
                return [
                    random.sample(name + "_sum", labels, random.number().magnitude, nil),
                    random.sample(name + "_count", labels, Double(random.small()), created),
                ]
            }
        default:
            return family(name, .histogram, labels) { $0.histogram(name, $1) }
        }
    }

    private mutating func family(
        _ name: String, _ type: MetricType, _ labels: Set<[Label]>,
        samples: (inout RandomFamilies, [Label]) -> [Sample]
    ) -> MetricFamily {
        // Python's text parser takes white space off the ends.
        let help = "h\(text())h"
        return MetricFamily(name: name, type: type, help: help, samples: labels.flatMap { samples(&self, $0) })
    }

    private mutating func histogram(_ name: String, _ labels: [Label]) -> [Sample] {
        var bounds = Set((0..<Int.random(in: 0...5, using: &generator)).map { _ in number().magnitude })
        bounds = bounds.filter { $0 < .infinity }
        var total = 0
        var samples = (bounds.sorted() + [.infinity]).map { bound in
            total += small()
            let details = one(in: 3) ? SampleDetails(exemplar: exemplar(number())) : nil
            return sample(name + "_bucket", labels + [Label("le", FloatFormat.bound(bound))], Double(total), details)
        }
        let native = one(in: 2) ? native() : nil
        let created = one(in: 2) ? time() : nil
        samples.append(sample(name + "_sum", labels, number().magnitude, nil))
        samples.append(
            sample(name + "_count", labels, Double(total), SampleDetails(created: created, native: native)))
        return samples
    }

    private mutating func native() -> NativeHistogram {
        let schema = Int.random(in: 0...8, using: &generator)
        var native = NativeHistogram(schema: schema, zeroExponent: Int.random(in: -90...9, using: &generator))
        for _ in 0..<Int.random(in: 0...9, using: &generator) {
            let bucket = [Int.random(in: -90...90, using: &generator): UInt64(1 + small())]
            let isPositive = one(in: 2)
            native.add(
                NativeHistogram(
                    schema: schema, zeroExponent: -1000, zeroCount: UInt64(small()),
                    positive: isPositive ? bucket : [:], negative: isPositive ? [:] : bucket))
        }
        return native
    }

    private func sample(_ name: String, _ labels: [Label], _ value: Double, _ details: SampleDetails?) -> Sample {
        Sample(name: name, labels: labels, value: value, details: details)
    }

    private mutating func exemplar(_ value: Double) -> ObservedExemplar {
        ObservedExemplar(
            Exemplar(
                traceHigh: generator.next(), traceLow: generator.next(), span: one(in: 2) ? generator.next() : 0,
                time: time()), value: value)
    }

    private mutating func one(in many: Int) -> Bool { Int.random(in: 0..<many, using: &generator) == 0 }

    private mutating func small() -> Int { Int.random(in: 0...999, using: &generator) }

    /// Seconds since 1970, in whole milliseconds.
    private mutating func time() -> Double {
        Double(Int.random(in: 1...2_000_000_000_000, using: &generator)) / 1000
    }

    private mutating func number() -> Double {
        let number = Double(bitPattern: generator.next())
        return number.isFinite && !one(in: 2) ? number : Double(small()) / 8
    }

    private mutating func labels() -> [Label] {
        ["a", "b_2", "_C"].prefix(Int.random(in: 0...3, using: &generator)).map { Label($0, text()) }.sorted()
    }

    private mutating func text() -> String {
        let scalars: [Unicode.Scalar] = [
            "\\", "\n", "\"", " ", "{", "}", ",", "=", "#", "x", "é", "😀", "\u{2028}", "\t",
        ]
        let chosen = (0..<Int.random(in: 0...8, using: &generator)).map { _ in
            scalars[Int.random(in: scalars.indices, using: &generator)]
        }
        return String(String.UnicodeScalarView(chosen))
    }
}
