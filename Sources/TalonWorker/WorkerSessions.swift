package import TalonHTTP
package import TalonPlatform
import TalonSettings

extension TLSContext {
    /// Of the server's sockets; nil if they speak in clear, and then nothing of a TLS library is loaded.
    static func ofSockets(_ inheritance: Inheritance) throws(BootError) -> TLSContext? {
        do {
            guard let configuration = try TLSConfiguration.ofSockets(inheritance.setting) else { return nil }
            return try TLSContext(configuration, library: .load("\(inheritance.home)/libTalonTLS.so"))
        } catch let error as SettingsError {
            throw BootError(error.message)
        } catch {
            throw BootError("\(error)")
        }
    }
}

extension HTTP2Configuration {
    /// nil if it is not to be spoken, and then nothing of its library is loaded.
    static func ofSockets(_ inheritance: Inheritance) throws(BootError) -> HTTP2Configuration? {
        do {
            guard let limits = try HTTP2Limits.ofSockets(inheritance.setting) else { return nil }
            return HTTP2Configuration(library: try .load("\(inheritance.home)/libTalonHTTP2.so"), limits: limits)
        } catch let error as SettingsError {
            throw BootError(error.message)
        } catch {
            throw BootError("\(error)")
        }
    }
}

extension WorkerRuntime {
    package func session(on socket: FileDescriptor) -> SecureSession? { tls?.session(on: socket) }

    package func handshakeFailed(_ reason: String, with peer: Peer) {
        log.debug("No TLS with ip=\(peer.address.text): \(reason)")
        metrics?.handshakeFailed()
    }
}

extension ProxyProtocol {
    /// As the settings of the server say.
    init?(_ inheritance: Inheritance) {
        let senders = (inheritance.setting("proxy_allow_ips") ?? "").split(separator: ",").map(String.init)
        self.init(inheritance.setting("proxy_protocol") ?? "", senders: senders)
    }
}
