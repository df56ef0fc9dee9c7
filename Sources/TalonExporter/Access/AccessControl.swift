import TalonPlatform
import TalonTLS

/// Decides who may see the metrics: anybody, or who has a password or the token. Any thread.
struct AccessControl: Sendable {
    /// What counts now.
    let credentials: @Sendable () -> Credentials
    let passwords: PasswordCheck

    private enum Decision {
        case granted
        case denied
        /// Too many passwords are being checked.
        case busy
    }

    /// The answer to a request that may not see them; nil if it may.
    func refusal(of authorization: String?) -> EndpointResponse? {
        let credentials = credentials()
        switch decide(authorization, credentials) {
        case .granted: return nil
        case .busy:
            var response = EndpointResponse.text(503, "Too many passwords are being checked; try again.")
            response.add("Retry-After", "1")
            return response
        case .denied:
            var response = EndpointResponse.text(401, "Unauthorized")
            if !credentials.users.isEmpty {
                response.add("WWW-Authenticate", "Basic realm=\"Talon metrics\", charset=\"UTF-8\"")
            }
            if credentials.token != nil { response.add("WWW-Authenticate", "Bearer realm=\"Talon metrics\"") }
            return response
        }
    }

    private func decide(_ authorization: String?, _ credentials: Credentials) -> Decision {
        guard credentials.areNeeded else { return .granted }
        let parts = (authorization ?? "").split(separator: " ", maxSplits: 1)
        guard parts.count == 2 else { return .denied }
        let given = parts[1].drop { $0 == " " }
        switch parts[0].lowercased() {
        case "bearer":
            guard let token = credentials.token else { return .denied }
            return Secrets.areEqual(Array(given.utf8), token) ? .granted : .denied
        case "basic":
            guard !credentials.users.isEmpty, let bytes = Base64.decode(String(given)) else { return .denied }
            let pair = bytes.split(separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2 else { return .denied }
            let user = String(decoding: pair[0], as: UTF8.self)
            switch passwords.check(user: user, password: Array(pair[1]), among: credentials.users) {
            case .right: return .granted
            case .wrong: return .denied
            case .busy: return .busy
            }
        default: return .denied
        }
    }
}

/// Who may see the metrics.
struct Credentials: Equatable, Sendable {
    /// Hashes of bcrypt, by user.
    var users: [String: String] = [:]
    /// The bearer token (RFC 6750).
    var token: [UInt8]?

    /// Else anybody may.
    var areNeeded: Bool { !users.isEmpty || token != nil }
}
