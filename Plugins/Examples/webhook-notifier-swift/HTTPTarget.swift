import Glibc

#if canImport(TalonPluginKit)
import TalonPluginKit
#endif

/// A URL to post to. One connection for each post, and a deadline on every wait.
struct HTTPTarget: CustomStringConvertible {
    let description: String
    private let authority: String
    private let path: String
    private let address: [UInt8]
    private let family: Int32

    /// Takes http://HOST[:PORT][/PATH] apart and looks its host up.
    init(_ url: String) throws {
        // No spaces, no line ends: the text goes into the head of a request.
        guard url.hasPrefix("http://"), url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw PluginFailure("url is \(url.debugDescription), and must be like http://host:port/path")
        }
        let rest = url.dropFirst("http://".count)
        let place = rest.prefix { $0 != "/" }
        let parts = place.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let port = parts.count == 2 ? String(parts[1]) : "80"
        guard let host = parts.first, !host.isEmpty, UInt16(port) != nil else {
            throw PluginFailure("url is \(url.debugDescription), and has no host or no valid port")
        }
        description = url
        authority = String(place)
        path = rest.count == place.count ? "/" : String(rest.dropFirst(place.count))
        (address, family) = try HTTPTarget.lookUp(String(host), port)
    }

    /// Posts a JSON document; returns the status of the answer.
    func post(_ document: String, within limit: Duration) throws -> Int {
        let end = ContinuousClock.now + limit
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw failure("no socket") }
        defer { close(descriptor) }

        let connected = address.withUnsafeBytes { raw in
            connect(descriptor, raw.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t(raw.count))
        }
        if connected != 0 {
            guard errno == EINPROGRESS else { throw failure("cannot connect") }
            try wait(descriptor, POLLOUT, until: end)
            var (problem, size) = (Int32(0), socklen_t(MemoryLayout<Int32>.size))
            getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &problem, &size)
            guard problem == 0 else { throw failure("cannot connect", problem) }
        }
        let head =
            "POST \(path) HTTP/1.1\r\nHost: \(authority)\r\nContent-Type: application/json\r\n"
            + "Content-Length: \(document.utf8.count)\r\nConnection: close\r\n\r\n"
        try sendAll(Array((head + document).utf8), descriptor, until: end)
        return try readStatus(descriptor, until: end)
    }

    private func sendAll(_ bytes: [UInt8], _ descriptor: Int32, until end: ContinuousClock.Instant) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            try wait(descriptor, POLLOUT, until: end)
            // MSG_NOSIGNAL: SIGPIPE would end the whole process.
            let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EAGAIN, errno != EINTR {
                throw failure("cannot send")
            }
        }
    }

    /// The status line is all that is read: "HTTP/1.1 200 ...".
    private func readStatus(_ descriptor: Int32, until end: ContinuousClock.Instant) throws -> Int {
        var line: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 64)
        while line.count < 12 {
            try wait(descriptor, POLLIN, until: end)
            let count = recv(descriptor, &block, block.count, 0)
            if count > 0 {
                line += block.prefix(count)
            } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
                throw failure("closed without an answer", 0)
            }
        }
        let words = String(decoding: line.prefix(12), as: UTF8.self).split(separator: " ")
        guard words.count == 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
            throw failure("does not speak HTTP", 0)
        }
        return status
    }

    private func wait(_ descriptor: Int32, _ event: Int32, until end: ContinuousClock.Instant) throws {
        var entry = pollfd(fd: descriptor, events: Int16(event), revents: 0)
        while true {
            let left = ContinuousClock.now.duration(to: end) / .milliseconds(1)
            guard left > 0 else { throw failure("took too long", 0) }
            switch poll(&entry, 1, Int32(left.rounded(.up))) {
            case 1...: return
            case 0: throw failure("took too long", 0)
            default: if errno != EINTR { throw failure("cannot be waited for") }
            }
        }
    }

    private func failure(_ what: String, _ number: Int32 = errno) -> PluginFailure {
        PluginFailure("\(description): \(what)" + (number == 0 ? "" : ": \(String(cString: strerror(number)))"))
    }

    private static func lookUp(_ host: String, _ port: String) throws -> ([UInt8], Int32) {
        var wanted = addrinfo()
        wanted.ai_family = AF_UNSPEC
        wanted.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, port, &wanted, &found)
        guard status == 0, let first = found else {
            throw PluginFailure("the host \(host) of url is not found: \(String(cString: gai_strerror(status)))")
        }
        defer { freeaddrinfo(first) }
        let size = Int(first.pointee.ai_addrlen)
        return (Array(UnsafeRawBufferPointer(start: first.pointee.ai_addr, count: size)), first.pointee.ai_family)
    }
}
