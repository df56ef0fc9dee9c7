/// Where to listen: gunicorn's forms of `bind`.
package enum ListenAddress: Hashable, Sendable {
    /// Host (a name or an address, "" for all) and port.
    case tcp(host: String, port: UInt16)
    /// Path of a unix socket.
    case unix(path: String)

    /// Reads `HOST`, `HOST:PORT`, `[V6]:PORT`, `:PORT`, `tcp://…`, `unix:PATH`, `unix://PATH`; nil for anything else.
    package init?(_ text: String) {
        if let path = text.dropping(prefix: "unix://") ?? text.dropping(prefix: "unix:") {
            guard !path.isEmpty, path.utf8.count < 108, !path.utf8.contains(0) else { return nil }
            self = .unix(path: String(path))
            return
        }
        var rest = text.dropping(prefix: "tcp://") ?? text[...]
        var host: Substring
        if rest.first == "[" {
            guard let end = rest.firstIndex(of: "]") else { return nil }
            host = rest[rest.index(after: rest.startIndex)..<end]
            rest = rest[rest.index(after: end)...]
            guard !host.isEmpty, rest.isEmpty || rest.first == ":" else { return nil }
        } else {
            let colon = rest.firstIndex(of: ":") ?? rest.endIndex
            host = rest[..<colon]
            rest = rest[colon...]
        }
        var port: UInt16 = ListenAddress.defaultPort
        if rest.first == ":" {
            let digits = rest.dropFirst()
            guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt16(digits) else {
                return nil
            }
            port = number
        }
        guard !host.utf8.contains(where: { $0 <= 0x20 || $0 == 0x2f }) else { return nil }
        if host == "*" { host = "" }
        self = .tcp(host: String(host), port: port)
    }

    /// Host and port; the path and 0 for a unix socket.
    package var parts: (host: String, port: UInt16) {
        switch self {
        case .tcp(let host, let port): (host, port)
        case .unix(let path): (path, 0)
        }
    }

    package var isTCP: Bool {
        if case .tcp = self { true } else { false }
    }

    /// gunicorn's port when none is given.
    package static let defaultPort: UInt16 = 8000
}

extension StringProtocol {
    /// What follows `prefix`; nil if it does not begin so.
    package func dropping(prefix: String) -> SubSequence? {
        hasPrefix(prefix) ? dropFirst(prefix.count) : nil
    }
}

extension ListenAddress: CustomStringConvertible {
    /// "http://127.0.0.1:8000" or "unix:/run/app.sock", as gunicorn's log shows it.
    package var description: String { description(isSecure: false) }

    /// With TLS "https://127.0.0.1:8000".
    package func description(isSecure: Bool) -> String {
        isTCP ? "http\(isSecure ? "s" : "")://\(label)" : label
    }

    /// "127.0.0.1:8000", "[::1]:8000" or "unix:/run/app.sock": how metrics name a listener.
    package var label: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }

    /// "('127.0.0.1', 8000)" or the path: how gunicorn's error lines name an address.
    package var inErrors: String {
        switch self {
        case .tcp(let host, let port): "('\(host)', \(port))"
        case .unix(let path): path
        }
    }
}
