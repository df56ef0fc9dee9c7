package import TalonPlatform

/// What the requests of an HTTP/2 connection have in common.
struct StreamOrigin: Sendable {
    let peer: Peer
    let destination: Peer?
    let listenerIndex: Int
    let isTrusted: Bool

    init(_ connection: Connection) {
        peer = connection.peer
        destination = connection.destination
        listenerIndex = connection.listenerIndex
        isTrusted = connection.isTrusted
    }
}

/// A stream on its way from the front to the server: the server's end of its pipe.
final class StreamArrival: Sendable {
    let socket: FileDescriptor
    let origin: StreamOrigin

    init(socket: FileDescriptor, origin: StreamOrigin) {
        self.socket = socket
        self.origin = origin
    }
}

/// HTTP/2 in a server: the library, and what clients are told.
package struct HTTP2Configuration: Sendable {
    let library: HTTP2Library
    let limits: HTTP2Limits

    package init(library: HTTP2Library, limits: HTTP2Limits) {
        self.library = library
        self.limits = limits
    }
}
