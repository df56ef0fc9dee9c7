/// Whether a proxy may say for whom it has made a connection, and which: the settings `proxy_protocol` and
/// `proxy_allow_ips`, with gunicorn's meanings.
package struct ProxyProtocol: Sendable {
    let versions: ProxyHeader.Versions
    let senders: PeerList

    /// `senders`: IP addresses and networks, or `*`. nil if `word` allows no version: `off`.
    package init?(_ word: String, senders: [String]) {
        switch word {
        case "v1": versions = .v1
        case "v2": versions = .v2
        case "auto": versions = [.v1, .v2]
        default: return nil
        }
        self.senders = PeerList(senders)
    }
}
