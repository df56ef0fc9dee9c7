import CTalonPlatform

/// An end of a pair of sockets that carry whole messages, with descriptors; talon_message.h.
package struct MessageSocket: Sendable {
    package let descriptor: FileDescriptor

    package init(inherited descriptor: FileDescriptor) {
        self.descriptor = descriptor
    }

    /// A message that has come. Its descriptors are the receiver's, who closes them.
    package struct Message: Sendable {
        package var bytes: [UInt8]
        package var descriptors: [FileDescriptor]
        /// The other end is closed: nothing comes any more.
        package var isEnd: Bool { bytes.isEmpty && descriptors.isEmpty }
    }

    package static func pair() throws(SystemError) -> (MessageSocket, MessageSocket) {
        var ends: [Int32] = [0, 0]
        guard talon_message_pair(&ends) == 0 else { throw .last("socketpair") }
        return (
            MessageSocket(inherited: FileDescriptor(rawValue: ends[0])),
            MessageSocket(inherited: FileDescriptor(rawValue: ends[1]))
        )
    }

    /// Sends a message, not an empty one, without waiting. Throws if there is no room, or nobody at the other end.
    package func send(_ bytes: [UInt8], with descriptors: [FileDescriptor] = []) throws(SystemError) {
        let numbers = descriptors.map(\.rawValue)
        guard talon_message_send(descriptor.rawValue, bytes, bytes.count, numbers, numbers.count) == 0 else {
            throw .last("sendmsg", "\(descriptor.rawValue)")
        }
    }

    /// The next message of at most `limit` bytes, without waiting; nil if there is none now.
    package func receive(limit: Int) throws(SystemError) -> Message? {
        var bytes = [UInt8](repeating: 0, count: limit)
        var numbers = [Int32](repeating: -1, count: Int(TALON_MESSAGE_DESCRIPTORS))
        var count = 0
        let size = talon_message_receive(descriptor.rawValue, &bytes, limit, &numbers, &count)
        guard size >= 0 else {
            let error = SystemError.last("recvmsg", "\(descriptor.rawValue)")
            if error.isTransient { return nil }
            throw error
        }
        let descriptors = numbers.prefix(count).map { FileDescriptor(rawValue: $0) }
        return Message(bytes: Array(bytes.prefix(size)), descriptors: descriptors)
    }
}
