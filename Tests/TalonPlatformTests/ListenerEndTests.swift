import Glibc
import TalonTesting
import Testing

@testable import TalonPlatform

@Suite struct `A listener that lets nobody new in` {
    @Test(arguments: ["127.0.0.1", "::1"])
    func `keeps who waits, on TCP, and refuses all once it is shut down`(host: String) throws {
        let listener = try Listener.open(.tcp(host: host, port: 0))
        let endpoint = Endpoint.tcp(host, listener.address.parts.port)
        let waiting = try (0..<3).map { _ in try HTTPConnection(endpoint) }
        listener.refuseNew()
        #expect(throws: (any Error).self) { try HTTPConnection(endpoint, within: .milliseconds(200)) }
        for _ in waiting {
            try eventually("one who waits") { listener.hasWaiting }
            guard case .accepted(let socket) = listener.accept() else { throw TestFailure("nobody is accepted") }
            socket.descriptor.close()
        }
        #expect(!listener.hasWaiting)
        #expect(listener.accept().name == "none")
        let other = Listener(
            inherited: FileDescriptor(rawValue: dup(listener.descriptor.rawValue)), address: listener.address)
        listener.shutDown()
        #expect(other.accept().name == "ended")
        other.descriptor.close()
        #expect(throws: HTTPFailure.notConnected(ECONNREFUSED)) { try HTTPConnection(endpoint) }
    }

    @Test func `keeps who waits, on a unix socket, and refuses all others at once`() throws {
        let directory = try TemporaryDirectory()
        let listener = try Listener.open(.unix(path: directory.file("s")))
        defer { listener.descriptor.close() }
        let waiting = try (0..<3).map { _ in try HTTPConnection(.unix(directory.file("s"))) }
        listener.refuseNew()
        #expect(throws: HTTPFailure.notConnected(ECONNREFUSED)) { try HTTPConnection(.unix(directory.file("s"))) }
        for _ in waiting {
            guard case .accepted(let socket) = listener.accept() else { throw TestFailure("nobody is accepted") }
            socket.descriptor.close()
        }
        #expect(listener.accept().name == "none")
    }
}

extension AcceptOutcome {
    fileprivate var name: String {
        switch self {
        case .accepted: "accepted"
        case .none: "none"
        case .ended: "ended"
        case .exhausted: "exhausted"
        }
    }
}
