/// Every setting there is, by sections of `--help`.
package enum Catalogue {
    /// What fits the clock of the loops: 24 days.
    static let seconds = 0...2_147_483
    static let count = 0...65536
    static let large = 0...(1 << 40)

    package struct Section: Sendable {
        package let title: String
        package let settings: [Setting]

        init(_ title: String, _ settings: [Setting]) {
            self.title = title
            self.settings = settings
        }
    }

    package static let sections: [Section] = [
        configuration, sockets, workers, timeLimits, supervision, process, control, development, logging, environment,
        requests, proxies, tls, metrics, metricsAccess, exporter, redis, plugins, hooks, statsd, http2, asgi, dirty,
        pasteDeploy,
    ]

    package static let settings: [Setting] = sections.flatMap(\.settings)

    private static let byName = Dictionary(settings.map { ($0.name, $0) }) { first, _ in first }

    /// The setting called `name`.
    package static func setting(named name: String) -> Setting? { byName[name] }

    /// Settings whose values are shown to nobody, and the variables that set them.
    package static let secrets = Set(settings.filter(\.isSecret).map(\.name))
    package static let secretVariables = Set(settings.filter(\.isSecret).compactMap(\.variable))

    package static var names: [String] { settings.map(\.name) }
}
