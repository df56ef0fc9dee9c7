package import TalonPlatform

/// The ends of a connection that a proxy has taken on, as it tells them.
package struct ProxiedConnection: Equatable, Sendable {
    /// The client.
    package let source: SocketName
    /// Where the client has connected to.
    package let destination: SocketName
}
