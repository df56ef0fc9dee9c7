package import TalonPlatform

/// A protocol of the setting `http_protocols`.
package enum HTTPProtocol: String, Sendable {
    case http1 = "h1"
    case http2 = "h2"

    /// The name by which clients and servers agree on it; RFC 7301 §6, RFC 9113 §3.1.
    var alpnName: String {
        switch self {
        case .http1: "http/1.1"
        case .http2: "h2"
        }
    }

    /// The preferred one first; as with gunicorn, none given means `h1`. `setting` gives settings as texts.
    package static func of(_ setting: (String) -> String?) throws(SettingsError) -> [HTTPProtocol] {
        var protocols: [HTTPProtocol] = []
        for word in (setting("http_protocols") ?? "").split(separator: ",") {
            let name = word.trimmed.lowercased()
            guard !name.isEmpty else { continue }
            guard let next = HTTPProtocol(rawValue: name) else {
                throw SettingsError(
                    code: .value, message: "http_protocols: '\(name)' is not known; use h1, h2, or both")
            }
            guard !protocols.contains(next) else {
                throw SettingsError(code: .value, message: "http_protocols: '\(name)' is there twice; leave one out")
            }
            protocols.append(next)
        }
        return protocols.isEmpty ? [.http1] : protocols
    }
}

extension HTTP2Limits {
    /// gunicorn's settings; nil if HTTP/2 is not to be spoken, or cannot be, for there is no TLS.
    package static func ofSockets(_ setting: (String) -> String?) throws(SettingsError) -> HTTP2Limits? {
        guard setting("certfile")?.isEmpty == false, try HTTPProtocol.of(setting).contains(.http2) else { return nil }
        func number(_ name: String) -> UInt32? { setting(name).flatMap { Int($0) }.map { UInt32(clamping: $0) } }
        // 0 would let no client in, or nothing of its requests' bodies.
        func positive(_ name: String, _ other: UInt32) -> UInt32 { number(name).flatMap { $0 > 0 ? $0 : nil } ?? other }
        var limits = HTTP2Limits()
        limits.concurrentStreams = positive("http2_max_concurrent_streams", limits.concurrentStreams)
        limits.initialWindow = positive("http2_initial_window_size", limits.initialWindow)
        limits.frameSize = positive("http2_max_frame_size", limits.frameSize)
        limits.headerListSize = number("http2_max_header_list_size") ?? limits.headerListSize
        return limits
    }
}
