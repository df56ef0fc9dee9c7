import CTalonTLS
package import TalonPlatform

extension TLSLibrary {
    /// The system's OpenSSL, which this program is linked with.
    package static var linked: TLSLibrary { TLSLibrary(talon_tls_library_linked()) }
}
