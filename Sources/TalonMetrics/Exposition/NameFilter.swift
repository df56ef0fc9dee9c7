/// The filter `name[]` of a scrape: of all families only those that were asked for.
package enum NameFilter {
    /// The families with one of these names, and of others the samples that are called so: `a_bucket` of `a`. A
    /// counter's name is right with and without `_total`. No names: all families.
    package static func select(_ names: [String], from families: [MetricFamily]) -> [MetricFamily] {
        guard !names.isEmpty else { return families }
        let wanted = Set(names)
        return families.compactMap { family in
            guard !wanted.contains(family.name), !wanted.contains("\(family.name)_total"),
                !(family.name.hasSuffix("_total") && wanted.contains(String(family.name.dropLast(6))))
            else { return family }
            var part = family
            part.samples = family.samples.filter { wanted.contains($0.name) }
            return part.samples.isEmpty ? nil : part
        }
    }
}
