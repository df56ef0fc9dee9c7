package import TalonPlatform

/// gunicorn's settings `statsd_host`, `statsd_prefix` and `dogstatsd_tags`.
package struct StatsDSettings: Sendable {
    private let address: DatagramAddress
    private let prefix: String
    private let tags: String

    /// nil: nothing goes to StatsD. `setting` gives settings as texts.
    package init?(_ setting: (String) -> String?) throws(SettingsError) {
        guard let text = setting("statsd_host"), !text.isEmpty else { return nil }
        guard let address = DatagramAddress(statsD: text) else {
            throw SettingsError(
                code: .value, message: "statsd_host: '\(text)' is no address; use HOST:PORT or unix://PATH")
        }
        self.address = address
        prefix = setting("statsd_prefix") ?? ""
        tags = setting("dogstatsd_tags") ?? ""
        try StatsDSettings.check(prefix, "statsd_prefix", not: ":|@#")
        try StatsDSettings.check(tags, "dogstatsd_tags", not: "|")
    }

    /// What means something in a line would make others of all lines.
    private static func check(_ text: String, _ name: String, not separators: String) throws(SettingsError) {
        guard
            let found = text.unicodeScalars.first(where: { $0.value <= 0x20 || separators.unicodeScalars.contains($0) })
        else { return }
        let character = LogText.oneLine(String(found))
        throw SettingsError(
            code: .value, message: "\(name): '\(LogText.oneLine(text))' has a '\(character)' in it; leave that out")
    }

    /// The server; and, if there is none now, why. nil: no sockets are to be had.
    package func open() -> (server: StatsD?, problem: SystemError?) {
        do throws(SystemError) {
            return (StatsD(try DatagramTarget(address), prefix: prefix, tags: tags), nil)
        } catch {
            let target = try? DatagramTarget(absent: address)
            return (target.map { StatsD($0, prefix: prefix, tags: tags) }, error)
        }
    }
}

extension ErrorLog {
    /// The same log, whose records are counted by StatsD too, if the settings say so.
    package func counted(by settings: StatsDSettings?) -> ErrorLog {
        guard let (server, problem) = settings?.open() else { return self }
        let log = ErrorLog(self, statsD: server)
        if let problem { log.error("StatsD cannot be reached: \(problem)") }
        return log
    }
}
