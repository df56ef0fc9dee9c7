import Glibc

/// One connection to a server, on which a test sends what bytes it likes.
///
/// Every call ends at a deadline.
/// Used by one thread at a time.
package final class HTTPConnection {
    package let endpoint: Endpoint
    package let allowed: Duration
    private let descriptor: Int32
    private var isOpen = true
    private var reader = ResponseReader()

    package init(_ endpoint: Endpoint, within allowed: Duration = .seconds(20)) throws {
        self.endpoint = endpoint
        self.allowed = allowed
        let kind = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        descriptor = socket(endpoint.family, Int32(kind), 0)
        let deadline = Deadline(allowed)
        do {
            try connect(until: deadline)
        } catch {
            Glibc.close(descriptor)
            isOpen = false
            throw error
        }
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    deinit { close() }

    package func close() {
        if isOpen { Glibc.close(descriptor) }
        isOpen = false
    }

    /// Ends the connection by a reset.
    package func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        close()
    }

    /// Says that nothing more is sent.
    package func finishSending() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Sends all the bytes, waiting as long as the server takes them slowly.
    package func send(_ bytes: [UInt8]) throws {
        let deadline = Deadline(allowed)
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(
                    descriptor, UnsafeRawBufferPointer(rebasing: $0[sent...]).baseAddress, bytes.count - sent,
                    Int32(MSG_NOSIGNAL))
            }
            if count >= 0 {
                sent += count
            } else if errno == EAGAIN {
                guard ready(POLLOUT, until: deadline) else { throw HTTPFailure.notSent(ETIMEDOUT) }
            } else if errno != EINTR {
                throw HTTPFailure.notSent(errno)
            }
        }
    }

    package func send(_ text: String) throws {
        try send(Array(text.utf8))
    }

    /// Sends the head of a request, with a Host field unless there is one.
    package func sendHead(_ method: String, _ target: String, headers: [(String, String)] = []) throws {
        var head = "\(method) \(target) HTTP/1.1\r\n"
        if !headers.contains(where: { $0.0.lowercased() == "host" }) { head += "Host: \(endpoint.host)\r\n" }
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        try send(head + "\r\n")
    }

    /// Reads the next response: a 100 comes as a response of its own.
    ///
    /// `method` is that of the request.
    package func receive(method: String = "GET", within allowed: Duration? = nil) throws -> HTTPResponse {
        let deadline = Deadline(allowed ?? self.allowed)
        reader.begin(method: method)
        while true {
            if let response = try reader.next() { return response }
            guard let bytes = try read(until: deadline) else { throw HTTPFailure.late(reader.pendingText) }
            if bytes.isEmpty {
                if let response = reader.finish() { return response }
                throw reader.isEmpty ? HTTPFailure.closed(0) : HTTPFailure.cut(reader.pendingText)
            }
            reader.append(bytes)
        }
    }

    /// One request and its response.
    package func request(
        _ method: String, _ target: String, headers: [(String, String)] = [], body: [UInt8]? = nil
    ) throws -> HTTPResponse {
        let length = body.map { [("Content-Length", String($0.count))] } ?? []
        try sendHead(method, target, headers: headers + length)
        if let body { try send(body) }
        return try receive(method: method)
    }

    package func get(_ target: String, headers: [(String, String)] = []) throws -> HTTPResponse {
        try request("GET", target, headers: headers)
    }

    /// Bytes as they come, without parsing them; empty at the end of the connection, nil when the time is over.
    package func receiveBytes(within allowed: Duration? = nil) throws -> [UInt8]? {
        try read(until: Deadline(allowed ?? self.allowed))
    }

    /// Whether the server closes the connection within the time without sending another byte.
    package func isClosedByServer(within allowed: Duration? = nil) -> Bool {
        do {
            return try receiveBytes(within: allowed)?.isEmpty ?? false
        } catch {
            return true
        }
    }

    // MARK: -

    private func connect(until deadline: Deadline) throws {
        while endpoint.withAddress({ Glibc.connect(descriptor, $0, $1) }) != 0 {
            switch errno {
            case EINTR: continue
            case EISCONN: return
            case EINPROGRESS:
                guard ready(POLLOUT, until: deadline) else { throw HTTPFailure.notConnected(ETIMEDOUT) }
                var code: Int32 = 0
                var size = socklen_t(MemoryLayout<Int32>.size)
                getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
                guard code == 0 else { throw HTTPFailure.notConnected(code) }
                return
            case EAGAIN where !deadline.isOver: deadline.pause()  // a unix socket whose backlog is full
            default: throw HTTPFailure.notConnected(errno)
            }
        }
    }

    private func read(until deadline: Deadline) throws -> [UInt8]? {
        while true {
            var count = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: 65536) { buffer, filled in
                count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
                filled = max(0, count)
            }
            if count >= 0 { return bytes }
            switch errno {
            case EINTR: continue
            case EAGAIN: guard ready(POLLIN, until: deadline) else { return nil }
            default: throw reader.isEmpty ? HTTPFailure.closed(errno) : HTTPFailure.cut(reader.pendingText)
            }
        }
    }

    private func ready(_ events: Int32, until deadline: Deadline) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        while true {
            let count = poll(&entry, 1, deadline.milliseconds)
            if count > 0 { return true }
            if deadline.isOver { return false }
        }
    }
}
