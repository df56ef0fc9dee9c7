package import TalonPlatform

/// gunicorn's settings `syslog`, `syslog_addr`, `syslog_prefix` and `syslog_facility`.
package struct SyslogSettings: Sendable {
    private let address: DatagramAddress
    private let facility: Int
    private let prefix: String

    /// nil: nothing goes to syslog. `name` is that of the process; `setting` gives settings as texts.
    package init?(name: String, _ setting: (String) -> String?) throws(SettingsError) {
        guard setting("syslog") == "true" else { return nil }
        let text = setting("syslog_addr") ?? DatagramAddress.syslog
        guard let address = DatagramAddress(syslog: text) else {
            throw SettingsError(
                code: .value, message: "syslog_addr: '\(text)' is no address; use udp://HOST:PORT or unix://PATH#dgram")
        }
        let facility = setting("syslog_facility") ?? "user"
        guard let number = SyslogFacility.number(facility) else {
            throw SettingsError(
                code: .value,
                message: "syslog_facility: '\(facility)' is none of \(SyslogFacility.names.joined(separator: ", "))"
                    + NearMiss.hint(facility, among: SyslogFacility.names))
        }
        self.address = address
        self.facility = number
        prefix = setting("syslog_prefix") ?? name.map { $0 == ":" ? "." : String($0) }.joined()
    }

    /// For the records of one log: "error" or "access". They have the tag that gunicorn gives them.
    package func open(_ log: String) throws(SystemError) -> Syslog {
        try Syslog(address, facility: facility, tag: "gunicorn.\(prefix).\(log)")
    }
}

extension Inheritance {
    /// The daemon for the records of one log; nil: none is wanted. Throws why it cannot be reached.
    package func openSyslog(_ log: String) throws(SystemError) -> Syslog? {
        let name = setting("proc_name") ?? application
        // The master has checked the settings.
        guard let settings = try? SyslogSettings(name: name, { setting($0) }) else { return nil }
        return try settings.open(log)
    }
}
