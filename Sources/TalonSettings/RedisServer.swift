import TalonPlatform

/// Where a Redis is, and as whom it is spoken to.
package struct RedisServer: Sendable, Equatable {
    package enum Address: Sendable, Equatable {
        case tcp(host: String, port: Int)
        case unix(path: String)
    }

    package var address: Address
    package var database = 0
    /// nil: the default user.
    package var user: String?
    /// nil: none is sent.
    package var password: String?

    package init(address: Address) {
        self.address = address
    }
}

extension RedisServer: CustomStringConvertible {
    /// The address alone.
    package var description: String {
        switch address {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): path
        }
    }
}

/// `redis://[[USER]:PASSWORD@]HOST[:PORT][/DB]` and `unix://[[USER]:PASSWORD@]PATH[?db=DB]`, as redis-py and redis-cli
/// have them; parts are percent-encoded.
extension RedisServer {
    /// Throws what is wrong with it, without showing the text: a password may be in it.
    init(url: String) throws(SettingsError) {
        func refused(_ reason: String) -> SettingsError {
            SettingsError(
                code: .value,
                message: "redis_url: \(reason); use redis://USER:PASSWORD@HOST:PORT/DB or unix://PATH?db=DB")
        }
        guard let separator = url.firstRange(of: "://") else { throw refused("is no URL") }
        let scheme = url[..<separator.lowerBound].lowercased()
        guard scheme != "rediss" else {
            throw SettingsError(
                code: .value,
                message: "redis_url: rediss:// is not offered, this build has no TLS to Redis; "
                    + "use redis:// to a TLS proxy on this machine, such as stunnel, or unix://")
        }
        guard scheme == "redis" || scheme == "unix" else { throw refused("has an unknown scheme") }
        let pieces = url[separator.upperBound...].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var rest = pieces.first ?? ""
        var credentials: Substring?
        if let at = rest.lastIndex(of: "@") {
            credentials = rest[..<at]
            rest = rest[rest.index(after: at)...]
        }
        var database: Substring = ""
        if scheme == "unix" {
            guard let path = RedisServer.decoded(rest), path.hasPrefix("/") else {
                throw refused("has no absolute path")
            }
            self.init(address: .unix(path: path))
        } else {
            let parts = rest.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            guard let (host, port) = RedisServer.hostAndPort(parts.first ?? "") else {
                throw refused("has no valid host")
            }
            self.init(address: .tcp(host: host, port: port))
            database = parts.count > 1 ? parts[1] : ""
        }
        for parameter in pieces.count > 1 ? pieces[1].split(separator: "&") : [] {
            guard parameter.hasPrefix("db=") else { throw refused("has a parameter that is not known") }
            database = parameter.dropFirst(3)
        }
        if !database.isEmpty {
            guard let number = Int(database), number >= 0 else { throw refused("has no valid database") }
            self.database = number
        }
        guard let credentials else { return }
        let names = credentials.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let user = RedisServer.decoded(names.first ?? ""),
            let password = RedisServer.decoded(names.count > 1 ? names[1] : "")
        else { throw refused("has a user or password that is not percent-encoded") }
        self.user = user.isEmpty ? nil : user
        self.password = password.isEmpty ? nil : password
    }

    static let standardPort = 6379

    private static func hostAndPort(_ text: Substring) -> (host: String, port: Int)? {
        var host = text
        var port: Substring?
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            host = text[text.index(after: text.startIndex)..<end]
            let tail = text[text.index(after: end)...]
            guard tail.isEmpty || tail.hasPrefix(":") else { return nil }
            port = tail.isEmpty ? nil : tail.dropFirst()
        } else if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
        }
        let number = port.map { Int($0) ?? 0 } ?? standardPort
        guard (1...65535).contains(number), let name = decoded(host), !name.isEmpty
        else { return nil }
        return (name, number)
    }

    /// RFC 3986 §2.1; nil if it is not encoded so, or has a zero byte in it.
    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            guard digits.utf8.count == 2, digits.allSatisfy(\.isHexDigit), let value = UInt8(digits, radix: 16) else {
                return nil
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        guard !bytes.contains(0) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }
}
