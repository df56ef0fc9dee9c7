import CTalonPlatform
import Glibc
import TalonTesting
import Testing

@testable import TalonPlatform

/// Connects a client; its descriptor.
private func connect(to address: ListenAddress) throws -> FileDescriptor {
    var client: Int32 = -1
    var result: Int32 = -1
    switch address {
    case .tcp(let host, let port):
        var list: UnsafeMutablePointer<addrinfo>?
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        try #require(getaddrinfo(host, String(port), &hints, &list) == 0)
        defer { freeaddrinfo(list) }
        let first = try #require(list).pointee
        client = socket(first.ai_family, Int32(SOCK_STREAM.rawValue), 0)
        result = Glibc.connect(client, first.ai_addr, first.ai_addrlen)
    case .unix(let path):
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        client = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        result = withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(client, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
    try #require(result == 0, "connect: \(String(cString: strerror(lastErrno)))")
    return FileDescriptor(rawValue: client)
}

/// The connection that is waiting.
private func accepted(_ listener: Listener) throws -> AcceptedSocket {
    #expect(listener.descriptor.waitUntil(POLLIN, timeoutMilliseconds: 20_000))
    guard case .accepted(let socket) = listener.accept() else {
        throw TestFailure("nobody was accepted")
    }
    return socket
}

// In turn: the umask, which opening a unix socket changes for a moment, is one for the whole process.
@Suite(.serialized) struct `A listener` {
    @Test(arguments: [("127.0.0.1", "127.0.0.1"), ("", "0.0.0.0"), ("::1", "::1"), ("localhost", "localhost")])
    func `on port 0 says which port it got, and takes connections there`(host: String, named: String) throws {
        let listener = try Listener.open(.tcp(host: host, port: 0))
        defer { listener.descriptor.close() }
        guard case .tcp(let name, let port) = listener.address else { throw TestFailure("no TCP address") }
        #expect(name == named && port > 0)
        let client = try connect(to: .tcp(host: host.isEmpty ? "127.0.0.1" : name, port: port))
        defer { client.close() }
        let socket = try accepted(listener)
        defer { socket.descriptor.close() }
        let own = try #require(SocketName.local(of: client))
        #expect(socket.peer == own)
        #expect(socket.peer.host == (host.contains(":") ? "::1" : "127.0.0.1"))
    }

    @Test func `on a unix socket takes connections, from any user`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("a.sock")
        let listener = try Listener.open(.unix(path: path))
        defer { listener.descriptor.close() }
        #expect(listener.address == .unix(path: path))
        var status = stat()
        #expect(lstat(path, &status) == 0 && status.st_mode & 0o777 == 0o777)
        let client = try connect(to: listener.address)
        defer { client.close() }
        let socket = try accepted(listener)
        defer { socket.descriptor.close() }
        #expect(socket.peer == SocketName.local(of: client))
        #expect(socket.peer.host.isEmpty && socket.peer.port == 0)
    }

    @Test func `waits for nobody`() throws {
        let listener = try Listener.open(.tcp(host: "127.0.0.1", port: 0))
        defer { listener.descriptor.close() }
        guard case .none = listener.accept() else { throw TestFailure("somebody was accepted") }
    }

    @Test func `says that an address is in use`() throws {
        let listener = try Listener.open(.tcp(host: "127.0.0.1", port: 0))
        defer { listener.descriptor.close() }
        let error = try #require(throws: SystemError.self) { try Listener.open(listener.address) }
        #expect(error.errno == addressInUse)
        #expect(error.description == "bind \(listener.address.inErrors): Address already in use")
    }

    @Test func `replaces an old unix socket`() throws {
        let directory = try TemporaryDirectory()
        let address = ListenAddress.unix(path: directory.file("a.sock"))
        try Listener.open(address).descriptor.close()
        let listener = try Listener.open(address)
        defer { listener.descriptor.close() }
        try connect(to: address).close()
    }

    @Test func `does not replace another file`() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("precious", to: "a.sock")
        let error = try #require(throws: SystemError.self) { try Listener.open(.unix(path: path)) }
        #expect(error.description == "bind \(path) (not a socket; remove it): File exists")
        #expect(directory.text("a.sock") == "precious")
    }

    @Test func `says what is wrong with an address`() throws {
        let directory = try TemporaryDirectory()
        let missing = try #require(throws: SystemError.self) {
            try Listener.open(.unix(path: directory.file("nope/a.sock")))
        }
        #expect(missing.call == "bind" && missing.errno == ENOENT)
        let long = String(repeating: "x", count: 108)
        let tooLong = try #require(throws: SystemError.self) { try Listener.open(.unix(path: long)) }
        #expect(tooLong.errno == ENAMETOOLONG)
        // An address of the documentation, which no machine has.
        let foreign = try #require(throws: SystemError.self) { try Listener.open(.tcp(host: "192.0.2.1", port: 0)) }
        #expect(foreign.errno == EADDRNOTAVAIL)
        let nowhere = try #require(throws: SystemError.self) { try Listener.open(.tcp(host: "1.2.3.4.5", port: 0)) }
        #expect(nowhere.call == "getaddrinfo")
    }

    @Test func `goes to no program, and makes nobody wait`() throws {
        let listener = try Listener.open(.tcp(host: "127.0.0.1", port: 0))
        defer { listener.descriptor.close() }
        let client = try connect(to: listener.address)
        defer { client.close() }
        let socket = try accepted(listener)
        defer { socket.descriptor.close() }
        // Octal flags: 04000 is O_NONBLOCK, 02000000 is O_CLOEXEC.
        for descriptor in [listener.descriptor, socket.descriptor] {
            let line = Files.lines("/proc/self/fdinfo/\(descriptor.rawValue)").first { $0.hasPrefix("flags:") }
            let text = try #require(line?.split(separator: "\t").last)
            let flags = try #require(Int(text, radix: 8))
            #expect(flags & 0o4000 != 0 && flags & 0o2_000_000 != 0)
        }
    }
}
