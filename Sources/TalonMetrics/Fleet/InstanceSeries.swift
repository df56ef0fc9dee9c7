/// Where the labels and the value of one series of a page are.
struct InstanceSeries {
    /// The messages of its labels, one behind the other.
    let labels: Range<Int>
    /// The message with the value.
    let value: Range<Int>

    /// nil if the message is no series, or has no value of the type. Labels need stand together, as ours write them.
    init?(_ bytes: [UInt8], _ range: Range<Int>, type: MetricType) {
        let wanted: UInt64 =
            switch type {
            case .counter: 3
            case .gauge, .info: 2
            case .summary: 4
            case .histogram: 7
            }
        var labels: Range<Int>?
        var value: Range<Int>?
        var fields = ProtobufFields(bytes, range)
        while let field = fields.next() {
            if field.number == 1 {
                guard labels == nil || labels?.upperBound == field.whole.lowerBound else { return nil }
                labels = (labels?.lowerBound ?? field.whole.lowerBound)..<field.whole.upperBound
            } else if field.number == wanted {
                value = field.body
            }
        }
        guard !fields.isBroken, let value else { return nil }
        self.labels = labels ?? range.lowerBound..<range.lowerBound
        self.value = value
    }
}

/// The labels of one series, read from the messages that are them. One for many series: it reuses its memory.
struct SeriesLabels {
    /// As text between braces would have them, without the braces. A label `instance` of the application's is
    /// `exported_instance`, as Prometheus calls it.
    private(set) var text: [UInt8] = []
    private var names: [Range<Int>] = []
    /// How many they are.
    var count: Int { names.count }

    /// False if Prometheus would refuse them, with the whole page that has them, or they are too many.
    mutating func read(_ bytes: [UInt8], _ range: Range<Int>, type: MetricType) -> Bool {
        text.removeAll(keepingCapacity: true)
        names.removeAll(keepingCapacity: true)
        var owned: (name: Range<Int>, value: Range<Int>?)?
        var messages = ProtobufFields(bytes, range)
        while let message = messages.next() {
            guard let (name, value) = SeriesLabels.parts(bytes, message.body), names.count < SeriesLabels.limit,
                SeriesLabels.isAllowed(bytes[name]), !isTaken(bytes[name], bytes, type)
            else { return false }
            names.append(name)
            if bytes[name].elementsEqual(SeriesLabels.instance) {
                owned = (name, value)
            } else {
                append(bytes[name], value.map { bytes[$0] })
            }
        }
        if let owned {
            var name = SeriesLabels.exported + bytes[owned.name]
            while isTaken(name[...], bytes, type) { name = SeriesLabels.exported + name }
            append(name[...], owned.value.map { bytes[$0] })
        }
        return !messages.isBroken
    }

    /// Those that were found good, sorted, under the names they have.
    static func list(_ bytes: [UInt8], _ range: Range<Int>) -> [Label] {
        var labels: [Label] = []
        var messages = ProtobufFields(bytes, range)
        while let message = messages.next() {
            guard let (name, value) = parts(bytes, message.body) else { continue }
            labels.append(
                Label(
                    String(decoding: bytes[name], as: UTF8.self),
                    value.map { String(decoding: bytes[$0], as: UTF8.self) } ?? ""))
        }
        return labels.sorted()
    }

    private static func parts(_ bytes: [UInt8], _ range: Range<Int>) -> (name: Range<Int>, value: Range<Int>?)? {
        var name: Range<Int>?
        var value: Range<Int>?
        var fields = ProtobufFields(bytes, range)
        while let field = fields.next() {
            if field.number == 1 { name = field.body }
            if field.number == 2 { value = field.body }
        }
        guard !fields.isBroken, let name else { return nil }
        return (name, value)
    }

    /// Names that begin so are Prometheus' own: with a second `__name__` it refuses the page.
    private static func isAllowed(_ name: ArraySlice<UInt8>) -> Bool {
        MetricNames.isLabel(name) && !name.starts(with: reserved)
    }

    private func isTaken(_ name: ArraySlice<UInt8>, _ bytes: [UInt8], _ type: MetricType) -> Bool {
        if type == .histogram, name.elementsEqual(SeriesLabels.bound) { return true }
        return names.contains { $0.count == name.count && bytes[$0].elementsEqual(name) }
    }

    private mutating func append(_ name: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>?) {
        if !text.isEmpty { text.append(UInt8(ascii: ",")) }
        text.append(contentsOf: name)
        text.append(contentsOf: "=\"".utf8)
        if let value { LabelText.append(value, to: &text) }
        text.append(UInt8(ascii: "\""))
    }

    /// More than anybody's series has. Each name is compared with all before it: forty thousand took seconds.
    private static let limit = 128
    private static let reserved = Array("__".utf8)
    private static let instance = Array("instance".utf8)
    private static let exported = Array("exported_".utf8)
    private static let bound = Array("le".utf8)
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
