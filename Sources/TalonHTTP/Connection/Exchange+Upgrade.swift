package import TalonPlatform

/// Connections that change to another protocol: RFC 9110 §7.8.
extension Exchange {
    /// Makes the stated head one of 101, after which the connection is a stream of plain bytes both ways: ``read(into:)``
    /// and ``write(_:)``. False if no head is stated.
    package func upgrade(to name: Span<UInt8>) -> Bool {
        guard phase == .stated, response.status == 101, name.count > 0, ResponseHead.isValid(value: name),
            connection?.isStream == false  // RFC 9113 §8.6
        else { return false }
        var copy: [UInt8] = []
        copy.append(name)
        upgrade = copy
        body?.becomeRaw()
        guard let connection else { return false }
        commit(connection, contentLength: nil)
        guard sendOut() else { return false }
        // From here on all time is the client's.
        observer?.willBlock(self, isReading: true)
        return true
    }

    /// Hands the connection over to the application, which answers by itself; it counts as 101. nil if that cannot be.
    package func detach() -> FileDescriptor? {
        guard !isCommitted, mayRespond, let connection, connection.session == nil, !connection.isStream,
            let copy = connection.socket.duplicate()
        else { return nil }
        status = 101
        phase = .committed
        framing = ResponseFraming(status: 101, isHead: false, versionMinor: 1, contentLength: nil, keepAlive: false)
        out.removeAll(keepingCapacity: true)
        body = nil
        isDetached = true
        return copy
    }
}
