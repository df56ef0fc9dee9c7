import TalonPlatform

/// `talon exporter health`: asks the exporter of this machine whether it lives; for containers, which have no curl.
enum HealthCheck {
    private static let timeLimit = 10 * nanosecondsPerSecond

    /// Returns the exit status, with the words of the old entry point.
    static func run(port: UInt16) -> Int32 {
        let deadline = MonotonicClock.now() + timeLimit
        let reason: String
        do {
            let socket = try FileDescriptor.connect(toLocal: port, before: deadline)
            defer { socket.close() }
            socket.writeAll(
                Array("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8), before: deadline)
            var answer: [UInt8] = []
            while answer.count < 12, PollSet.waits(for: socket, before: deadline) {
                if try socket.read(upTo: 512, into: &answer) == 0 { break }
            }
            if String(decoding: answer.prefix(12), as: UTF8.self) == "HTTP/1.1 200" {
                FileDescriptor.standardOutput.writeAll(
                    Array("Health check passed - metrics endpoint is responding\n".utf8))
                return 0
            }
            reason = answer.isEmpty ? "no answer" : "another answer than 200"
        } catch {
            reason = "\(error)"
        }
        FileDescriptor.standardError.writeAll(Array("Health check failed - \(reason)\n".utf8))
        return 1
    }
}
