import CTalonPlatform
import Glibc

extension FileDescriptor {
    /// Sends bytes over a unix socket, and another descriptor with the first of them; unix(7). Waits until all are out.
    /// False if the other side is gone.
    package func send(_ bytes: [UInt8], with descriptor: FileDescriptor?) -> Bool {
        bytes.withUnsafeBytes {
            talon_send_with_descriptor(rawValue, $0.baseAddress, $0.count, descriptor?.rawValue ?? -1) == 0
        }
    }

    /// Appends up to `limit` bytes that have come over a unix socket. Returns how many, 0 at the end, and the
    /// descriptor that came with them, which the caller must close.
    package func receive(
        upTo limit: Int, into bytes: inout [UInt8]
    ) throws(SystemError) -> (count: Int, descriptor: FileDescriptor?) {
        var count = 0
        var received: Int32 = -1
        var failure: Int32 = 0
        let chunk = [UInt8](unsafeUninitializedCapacity: limit) { buffer, filled in
            count = talon_receive_with_descriptor(rawValue, buffer.baseAddress, limit, &received)
            failure = lastErrno
            filled = max(count, 0)
        }
        guard count >= 0 else { throw SystemError(call: "recvmsg", errno: failure, context: "\(rawValue)") }
        bytes.append(contentsOf: chunk)
        return (count, received < 0 ? nil : FileDescriptor(rawValue: received))
    }
}
