package import CTalonPlatform
import Glibc

/// A TLS library: linked, or loaded where TLS is wanted. Any thread.
package struct TLSLibrary: @unchecked Sendable {
    // Unchecked: a table that never changes.
    let table: UnsafePointer<talon_tls_library>

    package init(_ table: UnsafePointer<talon_tls_library>) {
        self.table = table
    }

    private typealias Entry = @convention(c) () -> UnsafePointer<talon_tls_library>?

    /// Loads it from a shared object, for as long as the process lives.
    ///
    /// The process may have another copy of OpenSSL, an interpreter's own, and what is loaded here must find itself first
    /// (RTLD_DEEPBIND): the structures of two versions do not fit each other.
    package static func load(_ path: String) throws(TLSContext.Failure) -> TLSLibrary {
        let flags = RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE | RTLD_DEEPBIND
        guard let handle = dlopen(path, flags), let symbol = dlsym(handle, TALON_TLS_LIBRARY_ENTRY),
            let table = unsafeBitCast(symbol, to: Entry.self)()
        else {
            let reason = dlerror().map { String(cString: $0) } ?? path
            throw TLSContext.Failure(description: "the TLS library cannot be loaded: \(reason); install Talon anew")
        }
        return TLSLibrary(table)
    }
}
