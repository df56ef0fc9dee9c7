import CTalonTLS
package import TalonPlatform

/// Certificate, key and rules, read and checked: what the sessions of a server are made from. Any thread.
package final class TLSContext: @unchecked Sendable {
    // Unchecked: it is made once, and the library counts who uses it by itself.
    private let context: OpaquePointer

    /// Why a context cannot be made: a sentence that names the file.
    package struct Failure: Error, Equatable, CustomStringConvertible {
        package let description: String
    }

    /// Reads the files.
    package init(_ configuration: TLSConfiguration) throws(Failure) {
        guard let context = talon_tls_context_create(configuration.minimumVersion.rawValue) else {
            throw Failure(description: "SSL cannot be used: \(Failure.reason)")
        }
        var fault = talon_tls_context_load(context, configuration.certificate, configuration.key)
        if fault == TALON_TLS_FAULT_NONE {
            fault = talon_tls_context_ask(
                context, configuration.clientCertificate.code, configuration.clientAuthorities,
                configuration.clientAuthoritiesFolder)
        }
        guard fault == TALON_TLS_FAULT_NONE else {
            let failure = Failure(fault, in: configuration)
            talon_tls_context_destroy(context)
            throw failure
        }
        self.context = context
    }

    deinit {
        talon_tls_context_destroy(context)
    }

    /// The server's end on a connected socket, which the caller closes; nil if there is no memory.
    package func session(on socket: FileDescriptor) -> SecureSession? {
        talon_tls_session_create(context, socket.rawValue).map { SecureSession(owning: $0) }
    }
}

extension TLSContext.Failure {
    /// Of the library's last call on this thread.
    fileprivate static var reason: String { talon_tls_reason().map { String(cString: $0) } ?? "" }

    fileprivate init(_ fault: Int32, in configuration: TLSConfiguration) {
        let (certificate, key, reason) = (configuration.certificate, configuration.key, Self.reason)
        let authorities = [configuration.clientAuthorities, configuration.clientAuthoritiesFolder]
        description =
            switch fault {
            case TALON_TLS_FAULT_CERTIFICATE:
                "SSL certificate file cannot be used: \(certificate): \(reason); it must be readable PEM"
            case TALON_TLS_FAULT_KEY:
                "SSL key file cannot be used: \(key): \(reason); it must be readable PEM without a password"
            case TALON_TLS_FAULT_PAIR:
                "SSL certificate and key do not match: \(certificate), \(key); use the key of this certificate"
            default:
                "SSL client CA cannot be used: \(authorities.compactMap { $0 }.joined(separator: ", ")): \(reason); "
                    + "it must be readable PEM"
            }
    }
}
