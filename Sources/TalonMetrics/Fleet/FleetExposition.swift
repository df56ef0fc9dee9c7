/// The pages of many instances as one, each series with the label `instance`.
///
/// Nothing is made of a series but its lines: a thousand instances have half a million.
package struct FleetExposition {
    private struct Part {
        let page: Int
        let family: Int
    }

    private let pages: [InstancePage]
    /// By the name of a family: where it is. Of one name the first page's type counts; others are left out.
    private let parts: [String: [Part]]
    private let names: [String]

    /// `names`: of families that are asked for; nothing for all. `without`: of those that are left out.
    package init(_ pages: [InstancePage], names wanted: Set<String> = [], without excluded: Set<String> = []) {
        var parts: [String: [Part]] = [:]
        for (page, content) in pages.enumerated() {
            for (index, family) in content.families.enumerated() {
                guard !excluded.contains(family.name) else { continue }
                guard
                    wanted.isEmpty || wanted.contains(family.name)
                        || wanted.contains(family.name.withoutSuffix("_total"))
                else { continue }
                if let first = parts[family.name]?.first, pages[first.page].families[first.family].type != family.type {
                    continue
                }
                parts[family.name, default: []].append(Part(page: page, family: index))
            }
        }
        self.pages = pages
        self.parts = parts
        names = parts.keys.sorted()
    }

    /// In the text format.
    package func text() -> [UInt8] {
        var output: [UInt8] = []
        // About what it becomes; growing at the end would copy all of it.
        output.reserveCapacity(pages.reduce(1024) { $0 + 2 * $1.bytes.count })
        let owners = pages.map { page in
            var label = Array("instance=\"".utf8)
            LabelText.append(Array(page.instance.utf8)[...], to: &label)
            return label + [UInt8(ascii: "\"")]
        }
        var series = InstanceSeries()
        for name in names {
            guard let all = parts[name], let first = all.first else { continue }
            let head = pages[first.page].families[first.family]
            output.append(contentsOf: "# HELP \(name) ".utf8)
            TextExposition.appendEscaped(head.help, quotes: false, to: &output)
            output.append(contentsOf: "\n# TYPE \(name) \(head.type.rawValue)\n".utf8)
            let lines = SeriesLines(name: name)
            for part in all {
                let page = pages[part.page]
                for range in page.families[part.family].metrics where series.read(page.bytes, range, type: head.type) {
                    guard let value = series.value else { continue }
                    lines.append(
                        page.bytes, value, type: head.type, labels: owners[part.page], series.labels, to: &output)
                }
            }
        }
        return output
    }
}

/// The lines of one family's series.
private struct SeriesLines {
    private let name: [UInt8]
    private let bucket: [UInt8]
    private let sum: [UInt8]
    private let count: [UInt8]

    init(name: String) {
        self.name = Array(name.utf8)
        bucket = Array("\(name)_bucket".utf8)
        sum = Array("\(name)_sum".utf8)
        count = Array("\(name)_count".utf8)
    }

    func append(
        _ bytes: [UInt8], _ value: Range<Int>, type: MetricType, labels owner: [UInt8], _ labels: [UInt8],
        to output: inout [UInt8]
    ) {
        func line(_ name: [UInt8], bound: Double? = nil, _ number: Double) {
            output.append(contentsOf: name)
            output.append(UInt8(ascii: "{"))
            output.append(contentsOf: owner)
            if !labels.isEmpty {
                output.append(UInt8(ascii: ","))
                output.append(contentsOf: labels)
            }
            if let bound {
                output.append(contentsOf: ",le=\"".utf8)
                output.append(contentsOf: FloatFormat.bound(bound).utf8)
                output.append(UInt8(ascii: "\""))
            }
            output.append(contentsOf: "} ".utf8)
            FloatFormat.appendGo(number, to: &output)
            output.append(UInt8(ascii: "\n"))
        }
        let numbers = SeriesValue(bytes, value, type: type)
        guard type == .histogram || type == .summary else { return line(name, numbers.value) }
        for (bound, count) in zip(numbers.bounds, numbers.counts) { line(bucket, bound: bound, count) }
        line(count, numbers.count)
        line(sum, numbers.value)
    }
}
