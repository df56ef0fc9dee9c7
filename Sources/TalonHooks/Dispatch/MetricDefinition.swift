import CTalonGuard
import CTalonPlugin
import TalonMetrics
import TalonPlatform

/// A series that a plugin asks for by `talon.metrics/1`, checked: it can be written and exposed.
struct MetricDefinition {
    /// Why there is no such series: the rest of a sentence that begins with the metric.
    struct Refusal: Error, Equatable {
        let metric: String
        let reason: String
    }

    enum Kind: UInt32 {
        case counter = 1  // the numbers of talon_host_face.h
        case gauge
        case histogram
    }

    let kind: Kind
    /// A counter's is without `_total`, as the metric files have it.
    let name: String
    var help: String
    let labels: [String: String]
    /// Of a histogram; ascending.
    let bounds: [Double]

    static let nameLimit = 256
    static let helpLimit = 512
    static let labelLimit = 16
    static let labelNameLimit = 128
    static let labelValueLimit = 1024
    static let boundLimit = 100
    /// Talon's own metrics, and those of gunicorn's exporter, which Talon replaces.
    static let reservedPrefixes = ["talon_", "gunicorn_"]

    /// Reads what the plugin passed.
    init(
        kind number: UInt32, name: talon_str, help: talon_str, labels: UnsafePointer<talon_field>?, labelCount: Int,
        bounds: UnsafePointer<Double>?, boundCount: Int
    ) throws(Refusal) {
        let shown = LogText.oneLine(
            CText.read(talon_str(data: name.data, size: min(name.size, MetricDefinition.nameLimit))))
        func refuse(_ reason: String) -> Refusal { Refusal(metric: shown, reason: reason) }

        guard let kind = Kind(rawValue: number) else { throw refuse("is of no known type") }
        guard name.size <= MetricDefinition.nameLimit else {
            throw refuse("has a name of more than \(MetricDefinition.nameLimit) bytes")
        }
        let given = CText.read(name)
        let own = kind == .counter && given.hasSuffix("_total") ? String(given.dropLast(6)) : given
        guard MetricNames.isMetric(own) else {
            throw refuse("has a name that Prometheus does not accept; use letters, digits, _ and : only")
        }
        for prefix in MetricDefinition.reservedPrefixes where own.hasPrefix(prefix) {
            throw refuse("has a name that begins with \(prefix), which is Talon's; use another")
        }
        self.kind = kind
        self.name = own
        self.help = String(String.UnicodeScalarView(CText.read(help).unicodeScalars.prefix(MetricDefinition.helpLimit)))
        do {
            self.labels = try MetricDefinition.labels(labels, labelCount, of: kind)
            self.bounds = kind == .histogram ? try MetricDefinition.bounds(bounds, boundCount) : []
        } catch {
            throw refuse(error.reason)
        }
    }

    /// What is wrong, whatever the metric.
    private struct Fault: Error {
        let reason: String
    }

    private static func labels(
        _ fields: UnsafePointer<talon_field>?, _ count: Int, of kind: Kind
    ) throws(Fault) -> [String: String] {
        guard count != 0 else { return [:] }
        guard let fields, count > 0, count <= labelLimit else {
            throw Fault(reason: "has more than \(labelLimit) labels, or labels that are NULL")
        }
        var labels: [String: String] = [:]
        for field in UnsafeBufferPointer(start: fields, count: count) {
            let name = field.key.size <= labelNameLimit ? CText.read(field.key) : ""
            guard MetricNames.isLabel(name), !name.hasPrefix("__"), kind != .histogram || name != "le" else {
                throw Fault(reason: "has a label whose name Prometheus does not accept, or keeps for itself")
            }
            guard field.value.size <= labelValueLimit else {
                throw Fault(reason: "has a value of more than \(labelValueLimit) bytes for the label \(name)")
            }
            guard labels.updateValue(CText.read(field.value), forKey: name) == nil else {
                throw Fault(reason: "has the label \(name) twice")
            }
        }
        return labels
    }

    private static func bounds(_ bounds: UnsafePointer<Double>?, _ count: Int) throws(Fault) -> [Double] {
        guard count != 0 else { return [] }
        guard let bounds, count > 0, count <= boundLimit else {
            throw Fault(reason: "has more than \(boundLimit) buckets, or bounds that are NULL")
        }
        let list = Array(UnsafeBufferPointer(start: bounds, count: count))
        guard list.allSatisfy(\.isFinite), zip(list, list.dropFirst()).allSatisfy(<) else {
            throw Fault(reason: "has bounds that are not finite and ascending; +Inf is added without being asked for")
        }
        return list
    }

    /// The names under which samples of it are shown.
    var exposedNames: [String] {
        switch kind {
        case .counter: [name, name + "_total"]
        case .gauge: [name]
        case .histogram: [name, name + "_bucket", name + "_sum", name + "_count"]
        }
    }

    /// How many bytes of the metric files its keys take, at least.
    var keyBytes: Int {
        let key = labels.reduce(2 * name.utf8.count + help.utf8.count) { $0 + $1.key.utf8.count + $1.value.utf8.count }
        return key * (kind == .histogram ? bounds.count + 2 : 1)
    }
}
