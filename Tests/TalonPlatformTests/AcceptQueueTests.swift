import Glibc
import TalonTesting
import Testing

@testable import TalonPlatform

@Suite struct `The accept queue of a listener` {
    /// `count` clients that connect and are not accepted.
    private func clients(_ count: Int, _ endpoint: Endpoint) throws -> [HTTPConnection] {
        try (0..<count).map { _ in try HTTPConnection(endpoint) }
    }

    private func check(_ listener: Listener, _ endpoint: Endpoint) throws {
        defer { listener.descriptor.close() }
        #expect(try listener.acceptQueue() == AcceptQueue(length: 0, limit: 7))
        let waiting = try clients(3, endpoint)
        // The last handshake may be a moment behind.
        try eventually("three wait") { try listener.acceptQueue().length == 3 }
        #expect(listener.descriptor.waitUntil(POLLIN, timeoutMilliseconds: 20_000))
        let accepted = listener.accept()
        #expect(try listener.acceptQueue() == AcceptQueue(length: 2, limit: 7))
        withExtendedLifetime((waiting, accepted)) {}
    }

    @Test func `has the length and the limit of a TCP socket`() throws {
        let listener = try Listener.open(.tcp(host: "127.0.0.1", port: 0), backlog: 7)
        try check(listener, .tcp("127.0.0.1", listener.address.parts.port))
    }

    @Test func `has the length and the limit of a unix socket`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("socket")
        try check(try Listener.open(.unix(path: path), backlog: 7), .unix(path))
    }

    @Test func `is an error for what is no socket`() throws {
        let file = try FileDescriptor.open("/dev/null", flags: O_RDONLY)
        defer { file.close() }
        let listener = Listener(inherited: file, address: .unix(path: "/nowhere"))
        #expect(throws: SystemError.self) { try listener.acceptQueue() }
    }
}
