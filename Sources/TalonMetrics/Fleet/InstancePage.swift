/// The page of one instance, as it was forwarded: protobuf, of which only the families are known until it is shown.
package struct InstancePage: Sendable {
    /// Whose it is.
    package let instance: String
    let bytes: [UInt8]
    let families: [Family]

    struct Family {
        let name: String
        let help: String
        let type: MetricType
        /// Of a gauge, if its page tells.
        let aggregation: GaugeMode.Aggregation?
        /// The messages of its series.
        let metrics: [Range<Int>]
    }

    /// nil if the bytes are no page. Families that Prometheus would refuse are left out: one of them must not cost those of
    /// all instances.
    package init?(instance: String, bytes: [UInt8]) {
        var families: [Family] = []
        var messages = ProtobufFields(bytes, bytes.indices)
        while let range = messages.nextDelimited() {
            var (name, help, type) = ("", "", UInt64(0))
            var mode: UInt64?
            var metrics: [Range<Int>] = []
            var fields = ProtobufFields(bytes, range)
            while let field = fields.next() {
                switch field.number {
                case 1: name = InstancePage.text(bytes, field.body)
                case 2: help = InstancePage.text(bytes, field.body)
                case 3: type = field.bits
                case 4: metrics.append(field.body)
                case UInt64(ProtobufExposition.modeField): mode = field.bits
                default: break
                }
            }
            guard !fields.isBroken else { return nil }
            guard MetricNames.isMetric(name), let known = InstancePage.types[type], !metrics.isEmpty else { continue }
            let aggregation = mode.flatMap { UInt8(exactly: $0) }.flatMap { GaugeMode.Aggregation(rawValue: $0) }
            families.append(
                Family(name: name, help: help, type: known, aggregation: aggregation, metrics: metrics))
        }
        guard !messages.isBroken else { return nil }
        self.instance = instance
        self.bytes = bytes
        self.families = families
    }

    /// By the numbers of the enumeration `MetricType`.
    private static let types: [UInt64: MetricType] = [0: .counter, 1: .gauge, 2: .summary, 4: .histogram]

    private static func text(_ bytes: [UInt8], _ range: Range<Int>) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }
}

/// One series of a page: its labels, and where its value is.
struct InstanceSeries {
    /// Those of its own, as text between braces would have them, without the braces. A label `instance` of the
    /// application's is `exported_instance`, as Prometheus calls it.
    private(set) var labels: [UInt8] = []
    /// The message with the value.
    private(set) var value: Range<Int>?

    /// False if it is none, or one that Prometheus would refuse. Reuses its memory: one for all series of a page.
    mutating func read(_ bytes: [UInt8], _ range: Range<Int>, type: MetricType) -> Bool {
        labels.removeAll(keepingCapacity: true)
        value = nil
        let wanted: UInt64 =
            switch type {
            case .counter: 3
            case .gauge, .info: 2
            case .summary: 4
            case .histogram: 7
            }
        var fields = ProtobufFields(bytes, range)
        while let field = fields.next() {
            if field.number == 1 {
                guard append(label: field.body, bytes) else { return false }
            } else if field.number == wanted {
                value = field.body
            }
        }
        return !fields.isBroken && value != nil
    }

    /// The labels of a series that can be read, sorted.
    static func labels(_ bytes: [UInt8], _ range: Range<Int>) -> [Label] {
        var labels: [Label] = []
        var fields = ProtobufFields(bytes, range)
        while let field = fields.next() {
            guard field.number == 1 else { continue }
            var (name, value) = ("", "")
            var parts = ProtobufFields(bytes, field.body)
            while let part = parts.next() {
                if part.number == 1 { name = String(decoding: bytes[part.body], as: UTF8.self) }
                if part.number == 2 { value = String(decoding: bytes[part.body], as: UTF8.self) }
            }
            labels.append(Label(name, value))
        }
        return labels.sorted()
    }

    private mutating func append(label range: Range<Int>, _ bytes: [UInt8]) -> Bool {
        var name: Range<Int>?
        var text: Range<Int>?
        var fields = ProtobufFields(bytes, range)
        while let field = fields.next() {
            if field.number == 1 { name = field.body }
            if field.number == 2 { text = field.body }
        }
        guard !fields.isBroken, let name, MetricNames.isLabel(bytes[name]) else { return false }
        if !labels.isEmpty { labels.append(UInt8(ascii: ",")) }
        if bytes[name].elementsEqual(InstanceSeries.own) { labels.append(contentsOf: "exported_".utf8) }
        labels.append(contentsOf: bytes[name])
        labels.append(contentsOf: "=\"".utf8)
        if let text { LabelText.append(bytes[text], to: &labels) }
        labels.append(UInt8(ascii: "\""))
        return true
    }

    private static let own = Array("instance".utf8)
}

enum LabelText {
    /// The value of a label from anybody's bytes, escaped.
    static func append(_ bytes: ArraySlice<UInt8>, to output: inout [UInt8]) {
        let isPlain = bytes.allSatisfy { byte in
            byte < 0x80 && byte != UInt8(ascii: "\\") && byte != UInt8(ascii: "\n") && byte != UInt8(ascii: "\"")
        }
        if isPlain {
            output.append(contentsOf: bytes)
        } else {
            // Also mends what is no UTF-8.
            TextExposition.appendEscaped(String(decoding: bytes, as: UTF8.self), quotes: true, to: &output)
        }
    }
}
