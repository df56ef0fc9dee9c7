extension [MetricFamily] {
    /// The families that a scrape asked for with `name[]`.
    ///
    /// A family stays, and stays whole, if its name is asked for (a counter's with or without `_total`) or that of one
    /// of its samples. Prometheus' Go exporters filter by family, the Python ones by sample and then show a histogram
    /// in pieces; whole families answer both kinds of question in a form that every parser accepts.
    package func restricted(to names: Set<String>) -> [MetricFamily] {
        filter { family in
            names.include(family.name, family.type) || family.samples.contains { names.contains($0.name) }
        }
    }
}

extension Set<String> {
    /// Whether the family itself is among them.
    func include(_ family: String, _ type: MetricType) -> Bool {
        contains(family) || type == .counter && contains(family.withoutSuffix("_total"))
    }
}

extension String {
    /// Without `suffix`, if it ends so.
    func withoutSuffix(_ suffix: String) -> String {
        hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
    }
}
