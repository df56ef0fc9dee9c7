import Glibc

/// Bytes at an address that stays good as long as the object lives; for texts that C code sees many times.
package final class StableText: @unchecked Sendable {
    // Unchecked, because the bytes never change.
    package let address: UnsafePointer<CChar>
    package let count: Int

    package init(_ text: String) {
        let bytes = Array(text.utf8)
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count + 1)
        for (index, byte) in bytes.enumerated() { copy[index] = CChar(bitPattern: byte) }
        copy[bytes.count] = 0
        address = UnsafePointer(copy)
        count = bytes.count
    }

    deinit {
        address.deallocate()
    }

    package var text: String { String(cString: address) }
}

extension [UInt8] {
    /// Appends the bytes of a text.
    package mutating func append(_ text: StableText) {
        append(contentsOf: UnsafeRawBufferPointer(start: text.address, count: text.count))
    }
}
