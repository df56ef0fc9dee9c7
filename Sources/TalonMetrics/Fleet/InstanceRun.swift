/// What counts belong to: one run of an instance, from an empty metrics folder on.
package struct InstanceRun: Hashable, Sendable {
    package let instance: String
    /// When it began to count; seconds since 1970.
    package let since: Double

    package init(instance: String, since: Double) {
        self.instance = instance
        self.since = since
    }

    /// From what ``name`` gives; nil if it is none.
    package init?(name: String) {
        guard let mark = name.lastIndex(of: "@"), let since = Double(name[name.index(after: mark)...]), since > 0
        else { return nil }
        self.init(instance: String(name[..<mark]), since: since)
    }

    /// In the names of keys: the instance, and since when.
    package var name: String { "\(instance)@\(since)" }
}

extension InstanceRun: Comparable {
    package static func < (one: InstanceRun, other: InstanceRun) -> Bool {
        one.instance == other.instance ? one.since < other.since : one.instance < other.instance
    }
}
