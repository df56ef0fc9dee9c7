import CTalonPlatform

/// Certificate, key and rules, read and checked: what the sessions of a server are made from. Any thread.
package final class TLSContext: @unchecked Sendable {
    // Unchecked: it is made once, and the library counts who uses it by itself.
    private let library: UnsafePointer<talon_tls_library>
    private let context: OpaquePointer

    /// Why a context cannot be made: a sentence that names the file.
    package struct Failure: Error, Equatable, CustomStringConvertible {
        package let description: String
    }

    /// Reads the files.
    package init(_ configuration: TLSConfiguration, library: TLSLibrary) throws(Failure) {
        let table = library.table
        guard let context = table.pointee.create(configuration.minimumVersion.rawValue) else {
            throw Failure(description: "TLS cannot be used: \(Failure.reason(table))")
        }
        let fault = TLSContext.fill(context, configuration, table.pointee)
        guard fault == TALON_TLS_FAULT_NONE else {
            let failure = Failure(fault, in: configuration, reason: Failure.reason(table))
            table.pointee.destroy(context)
            throw failure
        }
        self.library = table
        self.context = context
    }

    private static func fill(
        _ context: OpaquePointer, _ configuration: TLSConfiguration, _ library: talon_tls_library
    ) -> Int32 {
        if !configuration.protocols.isEmpty {
            let names = configuration.protocols.flatMap { [UInt8(clamping: $0.utf8.count)] + Array($0.utf8) }
            library.offer(context, names, names.count)
        }
        var fault = library.load(context, configuration.certificate, configuration.key)
        if fault == TALON_TLS_FAULT_NONE {
            fault = library.ask(
                context, configuration.clientCertificate.code, configuration.clientAuthorities,
                configuration.clientAuthoritiesFolder)
        }
        if fault == TALON_TLS_FAULT_NONE, let ciphers = configuration.ciphers {
            fault = library.restrict_ciphers(context, ciphers)
        }
        return fault
    }

    deinit {
        library.pointee.destroy(context)
    }

    /// The server's end on a connected socket, which the caller closes; nil if there is no memory.
    package func session(on socket: FileDescriptor) -> SecureSession? {
        library.pointee.session(context, socket.rawValue).map { SecureSession(owning: $0) }
    }
}

extension TLSContext.Failure {
    /// Of the library's last call on this thread.
    fileprivate static func reason(_ library: UnsafePointer<talon_tls_library>) -> String {
        library.pointee.reason().map { String(cString: $0) } ?? ""
    }

    fileprivate init(_ fault: Int32, in configuration: TLSConfiguration, reason: String) {
        let (certificate, key, names) = (configuration.certificate, configuration.key, configuration.names)
        let authorities = [configuration.clientAuthorities, configuration.clientAuthoritiesFolder]
        description =
            switch fault {
            case TALON_TLS_FAULT_CERTIFICATE:
                "\(names.certificate) cannot be used: \(certificate): \(reason); it must be readable PEM"
            case TALON_TLS_FAULT_KEY:
                "\(names.key) cannot be used: \(key): \(reason); it must be readable PEM without a password"
            case TALON_TLS_FAULT_PAIR:
                "\(names.pair) do not match: \(certificate), \(key); use the key of this certificate"
            case TALON_TLS_FAULT_CIPHERS:
                "ciphers cannot be used: '\(configuration.ciphers ?? "")': \(reason); "
                    + "use a list as `openssl ciphers` takes it"
            default:
                "\(names.authorities) cannot be used: \(authorities.compactMap { $0 }.joined(separator: ", ")): "
                    + "\(reason); it must be readable PEM"
            }
    }
}
