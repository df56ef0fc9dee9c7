package import CTalonPlatform
import Glibc

/// A library of HTTP/2's frames: linked, or loaded where HTTP/2 is wanted. Any thread.
package struct HTTP2Library: @unchecked Sendable {
    // Unchecked: a table that never changes.
    let table: UnsafePointer<talon_http2_library>

    package init(_ table: UnsafePointer<talon_http2_library>) {
        self.table = table
    }

    /// Why it cannot be loaded: a sentence.
    package struct Failure: Error, Equatable, CustomStringConvertible {
        package let description: String
    }

    private typealias Entry = @convention(c) () -> UnsafePointer<talon_http2_library>?

    /// Loads it from a shared object, for as long as the process lives. As of ``TLSLibrary/load(_:)``, an interpreter may
    /// have another copy of what it needs.
    package static func load(_ path: String) throws(Failure) -> HTTP2Library {
        let flags = RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE | RTLD_DEEPBIND
        guard let handle = dlopen(path, flags), let symbol = dlsym(handle, TALON_HTTP2_LIBRARY_ENTRY),
            let table = unsafeBitCast(symbol, to: Entry.self)()
        else {
            let reason = dlerror().map { String(cString: $0) } ?? path
            throw Failure(
                description: "the HTTP/2 library cannot be loaded: \(reason); install libnghttp2, or take h2 out of "
                    + "http_protocols")
        }
        return HTTP2Library(table)
    }
}

/// What a client is told at the start of a connection: RFC 9113 §6.5.2.
package struct HTTP2Limits: Equatable, Sendable {
    package var concurrentStreams: UInt32 = 100
    /// Bytes of a stream's body that may be on their way, and so the memory that it may need.
    package var initialWindow: UInt32 = 65_535
    package var frameSize: UInt32 = 16_384
    /// Of the names and values of a head, with 32 bytes more for each field; 0: nothing is said.
    package var headerListSize: UInt32 = 65_536

    package init() {}
}

/// Why a stream or a connection ends: RFC 9113 §7.
package struct HTTP2Error: Equatable, Sendable {
    package let code: UInt32

    package init(code: UInt32) {
        self.code = code
    }

    package static let none = HTTP2Error(code: UInt32(TALON_HTTP2_NO_ERROR))
    package static let protocolError = HTTP2Error(code: UInt32(TALON_HTTP2_PROTOCOL_ERROR))
    package static let internalError = HTTP2Error(code: UInt32(TALON_HTTP2_INTERNAL_ERROR))
    package static let refusedStream = HTTP2Error(code: UInt32(TALON_HTTP2_REFUSED_STREAM))
    package static let cancel = HTTP2Error(code: UInt32(TALON_HTTP2_CANCEL))
    package static let enhanceYourCalm = HTTP2Error(code: UInt32(TALON_HTTP2_ENHANCE_YOUR_CALM))
}
