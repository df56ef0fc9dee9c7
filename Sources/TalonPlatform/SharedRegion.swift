import CTalonPlatform
import Glibc

/// Memory that several processes see: a memfd, mapped.
///
/// The mapping lives as long as the process; a region is made once and never taken down.
package struct SharedRegion: @unchecked Sendable {
    // Unchecked, because what lies in the region is atomic or has one writer, as its user declares.
    package let descriptor: FileDescriptor
    package let base: UnsafeMutableRawPointer
    package let byteCount: Int

    /// A new region of zeros.
    package static func create(name: String, byteCount: Int) throws(SystemError) -> SharedRegion {
        let descriptor = talon_memfd(name)
        guard descriptor >= 0 else { throw .last("memfd_create", name) }
        guard ftruncate(descriptor, byteCount) == 0 else { throw .last("ftruncate", name) }
        return try map(FileDescriptor(rawValue: descriptor), byteCount: byteCount)
    }

    /// The region behind an inherited descriptor.
    package static func attach(_ descriptor: FileDescriptor) throws(SystemError) -> SharedRegion {
        var status = stat()
        guard fstat(descriptor.rawValue, &status) == 0 else { throw .last("fstat", "\(descriptor.rawValue)") }
        return try map(descriptor, byteCount: Int(status.st_size))
    }

    private static func map(_ descriptor: FileDescriptor, byteCount: Int) throws(SystemError) -> SharedRegion {
        let address = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor.rawValue, 0)
        guard let address, address != MAP_FAILED else { throw .last("mmap") }
        return SharedRegion(descriptor: descriptor, base: address, byteCount: byteCount)
    }
}

/// Bytes that can be read but never changed again, under a descriptor: a sealed memfd.
package enum SealedFile {
    package static func create(name: String, contents: [UInt8]) throws(SystemError) -> FileDescriptor {
        let raw = talon_memfd(name)
        guard raw >= 0 else { throw .last("memfd_create", name) }
        let file = FileDescriptor(rawValue: raw)
        guard file.writeAll(contents), talon_memfd_seal(raw) == 0 else {
            let error = SystemError.last("memfd", name)
            file.close()
            throw error
        }
        return file
    }

    /// All bytes, wherever the shared offset stands.
    package static func read(_ file: FileDescriptor) throws(SystemError) -> [UInt8] {
        guard lseek(file.rawValue, 0, SEEK_SET) == 0 else { throw .last("lseek", "\(file.rawValue)") }
        var bytes: [UInt8] = []
        while try file.read(upTo: 65536, into: &bytes) > 0 {}
        return bytes
    }
}
