import TalonPlatform

/// `talon exporter health`: asks the exporter of this machine whether it lives; for containers, which have no curl.
enum HealthCheck {
    private static let timeLimit = 10 * nanosecondsPerSecond

    /// Returns the exit status, with the words of the old entry point. `isSecure`: the port speaks TLS.
    static func run(host: String, port: UInt16, isSecure: Bool) -> Int32 {
        let deadline = MonotonicClock.now() + timeLimit
        var reason = ""
        for address in addresses(of: host) {
            guard let problem = fault(address, port, isSecure, before: deadline) else {
                FileDescriptor.standardOutput.writeAll(
                    Array("Health check passed - metrics endpoint is responding\n".utf8))
                return 0
            }
            reason = problem
        }
        FileDescriptor.standardError.writeAll(Array("Health check failed - \(reason)\n".utf8))
        return 1
    }

    /// Where the one is asked that is bound to `host`: one that is bound everywhere is on loopback too, and to `::` also
    /// where there is no IPv6.
    private static func addresses(of host: String) -> [String] {
        switch host {
        case "", "0.0.0.0": ["127.0.0.1"]
        case "::": ["::1", "127.0.0.1"]
        default: [host]
        }
    }

    /// nil: it lives.
    private static func fault(
        _ host: String, _ port: UInt16, _ isSecure: Bool, before deadline: UInt64
    ) -> String? {
        do {
            let socket = try FileDescriptor.connect(to: host, port: port, before: deadline)
            defer { socket.close() }
            socket.writeAll(isSecure ? hello : request, before: deadline)
            let wanted = isSecure ? 2 : 12
            var answer: [UInt8] = []
            while answer.count < wanted, PollSet.waits(for: socket, before: deadline) {
                if try socket.read(upTo: 512, into: &answer) == 0 { break }
            }
            if answer.isEmpty { return "no answer" }
            if isSecure { return isTLS(answer) ? nil : "an answer without TLS" }
            let isWell = String(decoding: answer.prefix(12), as: UTF8.self) == "HTTP/1.1 200"
            return isWell ? nil : "another answer than 200"
        } catch {
            return "\(error)"
        }
    }

    private static let request = Array(
        "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8)

    /// The least ClientHello of TLS 1.2 (RFC 5246 §7.4.1.2): two cipher suites, no extension. Whoever speaks TLS answers
    /// it, by a ServerHello or by an alert, and needs neither a certificate of ours nor that we believe in its own.
    private static let hello: [UInt8] =
        [0x16, 3, 1, 0, 47, 1, 0, 0, 43, 3, 3] + [UInt8](repeating: 0x2a, count: 32)
        + [0, 0, 4, 0xc0, 0x2f, 0xc0, 0x2b, 1, 0]

    /// A record of a handshake or an alert, of version 3: SSL 3 to TLS 1.3.
    private static func isTLS(_ answer: [UInt8]) -> Bool {
        answer.starts(with: [0x16, 3]) || answer.starts(with: [0x15, 3])
    }
}
