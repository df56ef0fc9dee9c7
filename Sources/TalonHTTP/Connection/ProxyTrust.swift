import TalonPlatform

/// Whose word about a request's origin is taken, and which fields say it: the settings `forwarded_allow_ips`,
/// `secure_scheme_headers` and `forwarder_headers`, with gunicorn's meanings.
package struct ProxyTrust: Sendable {
    /// A field that tells the scheme: this value means https, any other http.
    private struct SchemeField: Sendable {
        /// In lower case.
        let name: [UInt8]
        let value: [UInt8]
    }

    private let peers: PeerList
    private let schemeFields: [SchemeField]
    /// Bit n: a name of n bytes, modulo 64, is among the scheme fields.
    private let nameLengths: UInt64
    /// In lower case.
    private let forwarderFields: [[UInt8]]
    private let forwardsAll: Bool
    private let underscoredNames: HTTPLimits.UnderscoredNames

    /// Nobody is trusted.
    package static let nobody = ProxyTrust(
        networks: [], schemeFields: [], forwarderFields: [], underscoredNames: .drop)

    /// - Parameters:
    ///   - networks: IP addresses and networks, or `*`. What is none is left out; the settings were checked before.
    ///   - underscoredNames: what becomes of a field with an underscore that is none of `forwarderFields`.
    package init(
        networks: [String], schemeFields: [(name: String, value: String)], forwarderFields: [String],
        underscoredNames: HTTPLimits.UnderscoredNames
    ) {
        peers = PeerList(networks)
        self.schemeFields = schemeFields.map {
            SchemeField(name: Array($0.name.lowercased().utf8), value: Array($0.value.utf8))
        }
        nameLengths = self.schemeFields.reduce(0) { $0 | 1 << UInt64($1.name.count & 63) }
        self.forwarderFields = forwarderFields.map { Array($0.lowercased().utf8) }
        forwardsAll = forwarderFields.contains("*")
        self.underscoredNames = underscoredNames
    }

    /// Whether what this peer says counts.
    func trusts(_ address: String) -> Bool { peers.contains(address) }

    /// Reads what a trusted peer says in the fields of a complete head, from which those are taken that it may not send.
    func settle(_ head: inout RequestHead, _ bytes: Span<UInt8>) -> Rejection? {
        var isSecure: Bool?
        var kept = 0
        for index in head.fields.indices {
            let field = head.fields[index]
            if field.isUnderscored, !mayForward(field.name, bytes) {
                switch underscoredNames {
                case .drop: continue
                case .refuse: return .fieldNameUnderscore
                case .keep: break
                }
            }
            if kept < index { head.fields[kept] = field }
            kept += 1
            if nameLengths >> UInt64(field.name.count & 63) & 1 != 0, let says = saysSecure(field, bytes) {
                if let isSecure, isSecure != says { return .schemeContradiction }
                isSecure = says
            }
        }
        if kept < head.fields.count { head.fields.removeLast(head.fields.count - kept) }
        if let isSecure { head.isSecure = isSecure }
        return nil
    }

    private func mayForward(_ name: ByteRange, _ bytes: Span<UInt8>) -> Bool {
        forwardsAll || forwarderFields.contains { bytes.matches($0, name) }
    }

    /// nil: it does not tell the scheme.
    private func saysSecure(_ field: HeaderField, _ bytes: Span<UInt8>) -> Bool? {
        guard let known = schemeFields.first(where: { bytes.matches($0.name, field.name) }) else { return nil }
        guard known.value.count == field.value.count else { return false }
        let value = bytes.extracting(field.value.range)
        for index in value.indices where value[index] != known.value[index] { return false }
        return true
    }
}

/// Peers that a setting names: IP addresses and networks, or `*`.
struct PeerList: Sendable {
    private let networks: [IPNetwork]
    private let hasAll: Bool

    /// What is neither is left out; the settings were checked before.
    init(_ texts: [String]) {
        networks = texts.compactMap { IPNetwork($0) }
        hasAll = texts.contains("*")
    }

    /// A peer on a unix socket, whose address is empty, has been let in by the permissions of the file.
    func contains(_ address: String) -> Bool {
        if hasAll || address.isEmpty { return true }
        guard !networks.isEmpty, let address = IPAddress(address) else { return false }
        return networks.contains { $0.contains(address) }
    }
}
