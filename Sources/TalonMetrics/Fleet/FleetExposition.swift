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

    /// Of the families that are wanted.
    package init(_ pages: [InstancePage], where isWanted: (InstancePage.Family) -> Bool = { _ in true }) {
        var parts: [String: [Part]] = [:]
        for (page, content) in pages.enumerated() {
            for (index, family) in content.families.enumerated() where isWanted(family) {
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
        var labels = SeriesLabels()
        var value = SeriesValue()
        for name in names {
            guard let all = parts[name], let first = all.first else { continue }
            let head = pages[first.page].families[first.family]
            output.append(contentsOf: "# HELP \(name) ".utf8)
            TextExposition.appendEscaped(head.help, quotes: false, to: &output)
            output.append(contentsOf: "\n# TYPE \(name) \(head.type.rawValue)\n".utf8)
            let lines = SeriesLines(name: name)
            for part in all {
                let page = pages[part.page]
                for range in page.families[part.family].metrics {
                    guard let series = InstanceSeries(page.bytes, range, type: head.type),
                        labels.read(page.bytes, series.labels, type: head.type)
                    else { continue }
                    value.read(page.bytes, series.value, type: head.type)
                    lines.append(value, type: head.type, owner: owners[part.page], labels.text, to: &output)
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
        _ value: SeriesValue, type: MetricType, owner: [UInt8], _ labels: [UInt8], to output: inout [UInt8]
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
        guard type == .histogram || type == .summary else { return line(name, value.numbers[0]) }
        for (bound, count) in zip(value.bounds, value.numbers.dropFirst(2)) { line(bucket, bound: bound, count) }
        line(count, value.numbers[0])
        line(sum, value.numbers[1])
    }
}
