/// What a seed and its master say to each other, one message each.
package enum SeedMessage: Equatable, Sendable {
    /// To the seed: fork a worker. With it come ``Inheritance/Place``'s descriptors after the pipe that lets the new
    /// worker go on, one byte; if that closes before, it ends.
    case fork(age: UInt64)
    /// To the seed: open the log anew.
    case reopenLogs
    /// From the seed: the application is there.
    case loaded
    /// From the seed: the worker is there, a child of the master; with it comes its pidfd.
    case forked(age: UInt64)
    /// From the seed: it cannot be forked; an errno.
    case failed(age: UInt64, errno: Int32)

    /// The length of each, in bytes.
    package static let size = 16

    package var encoded: [UInt8] {
        var writer = ByteWriter()
        switch self {
        case .fork(let age): SeedMessage.put(1, 0, age, &writer)
        case .reopenLogs: SeedMessage.put(2, 0, 0, &writer)
        case .loaded: SeedMessage.put(3, 0, 0, &writer)
        case .forked(let age): SeedMessage.put(4, 0, age, &writer)
        case .failed(let age, let errno): SeedMessage.put(5, errno, age, &writer)
        }
        return writer.bytes
    }

    private static func put(_ kind: UInt32, _ errno: Int32, _ age: UInt64, _ writer: inout ByteWriter) {
        writer.put(kind)
        writer.put(UInt32(bitPattern: errno))
        writer.put(age)
    }

    /// nil if it is none of them: the application runs in the seed, and can write anything.
    package init?(decoding bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        guard bytes.count == SeedMessage.size, let kind = try? reader.number32(), let errno = try? reader.number32(),
            let age = try? reader.number64()
        else { return nil }
        switch kind {
        case 1: self = .fork(age: age)
        case 2: self = .reopenLogs
        case 3: self = .loaded
        case 4: self = .forked(age: age)
        case 5: self = .failed(age: age, errno: Int32(bitPattern: errno))
        default: return nil
        }
    }
}
