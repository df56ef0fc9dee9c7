package import TalonPlatform

/// Bodies that are files: sent by the kernel from the file to the socket, where that is possible and pays.
extension Exchange {
    /// What came of sending a file.
    package enum FileOutcome {
        /// It is sent, or buffered; or it had fewer bytes, and the connection will end with them.
        case sent
        case unreadable
        /// The client is gone, or no head is stated.
        case clientGone
    }

    /// Sends `count` bytes of a file from `offset` as part of the body, by sendfile(2) if that is possible and pays.
    /// The file's own position stays.
    package func send(file: FileDescriptor, at offset: Int64, count: Int64) -> FileOutcome {
        guard let connection else { return .clientGone }
        if phase == .stated { commit(connection, contentLength: nil) }
        guard phase == .committed else { return .clientGone }
        let count = allowed(Int(clamping: count))
        guard count > 0 else { return .sent }
        if framing.body == .chunked { ChunkEncoder.header(size: count, into: &out) }
        let end = bytesSent + Int64(count)
        // A small one leaves together with its head.
        let isSmall = out.count + count <= Exchange.bufferLimit
        let mayPass = connection.session == nil && connection.unsent.count == 0 && !leavesRest && !isSmall
        var outcome = mayPass ? pass(file, at: offset, upTo: end, to: connection) : nil
        if outcome == nil { outcome = copy(file, at: offset, upTo: end) }
        if bytesSent < end, phase == .committed { phase = .cut }
        if framing.body == .chunked, phase == .committed { ChunkEncoder.ending(into: &out) }
        return outcome ?? .sent
    }

    /// From the file to the socket within the kernel, until so many bytes of the body are sent. nil, and none is sent,
    /// if it cannot do that.
    private func pass(
        _ file: FileDescriptor, at offset: Int64, upTo end: Int64, to connection: Connection
    ) -> FileOutcome? {
        guard sendOutAhead(to: connection) else { return .clientGone }
        // Reading a disk takes its time too.
        observer?.willBlock(self, isReading: false)
        defer { observer?.didBlock(self) }
        let start = bytesSent
        while bytesSent < end {
            let rest = Int(clamping: min(end - bytesSent, Exchange.passLimit))
            switch connection.socket.send(file: file, at: offset + bytesSent - start, count: rest) {
            case .sent(0): return .sent
            case .sent(let count):
                bytesSent += Int64(count)
                connection.traffic.sent += Int64(count)
                if isInApplication { observer?.progressed(self) }
            case .wouldBlock where waitUntold(connection, for: Exchange.writable) == .ready:
                continue
            case .unsuited where bytesSent == start: return nil
            case .unsuited, .unreadable: return .unreadable
            case .wouldBlock, .failed:
                phase = .broken
                return .clientGone
            }
        }
        return .sent
    }

    /// Reads the file block by block.
    private func copy(_ file: FileDescriptor, at offset: Int64, upTo end: Int64) -> FileOutcome {
        let start = bytesSent
        while bytesSent < end {
            observer?.willBlock(self, isReading: false)
            let wanted = Int(min(end - bytesSent, Int64(Exchange.bufferLimit)))
            let block = file.read(at: offset + bytesSent - start, upTo: wanted)
            observer?.didBlock(self)
            guard let block else { return .unreadable }
            if block.isEmpty { return .sent }
            if out.count + block.count <= Exchange.bufferLimit {
                out.append(block.span)
            } else {
                guard sendOut(with: block.span) else { return .clientGone }
            }
            bytesSent += Int64(block.count)
        }
        return .sent
    }

    /// Sends `out` so that the kernel may put what follows into the same packet.
    private func sendOutAhead(to connection: Connection) -> Bool {
        if mayRespond, case .sent(let count) = sendAhead(out, to: connection) {
            connection.traffic.sent += Int64(count)
            out.removeFirst(count)
        }
        return sendOut()
    }

    private func sendAhead(_ bytes: [UInt8], to connection: Connection) -> SendOutcome {
        connection.socket.sendAhead(bytes.span)
    }

    /// The most bytes of one call: it may read as many from the disk before it returns.
    private static let passLimit: Int64 = 16 << 20
}
