package import TalonPlatform
import TalonSettings

/// What the inspector writes to the master, one frame for each finding: a length, the finding, and with it the
/// descriptor of a sealed image.
package struct InspectionChannel {
    package enum Failure: Error, Equatable {
        /// The other side closed without saying that it was done.
        case ended
        /// What came is no finding.
        case malformed
        /// The deadline is over.
        case late
    }

    private let socket: FileDescriptor
    private var received: [UInt8] = []
    private var descriptors: [FileDescriptor] = []

    /// A longer frame is an inspector gone wrong.
    private static let limit = 1 << 20

    package init(socket: FileDescriptor) {
        self.socket = socket
    }

    private enum Kind: UInt32 {
        case done = 0
        case sealed
        case library
        case refused
        case remark
    }

    /// Sends a finding; nil says that there are no more. False if the master is gone.
    package func send(_ finding: PluginFinding?) -> Bool {
        var payload = ByteWriter()
        var descriptor: FileDescriptor?
        switch finding {
        case nil: payload.put(Kind.done.rawValue)
        case .plugin(let plugin)?:
            if case .sealed(let image) = plugin.image { descriptor = image }
            payload.put(descriptor == nil ? Kind.library.rawValue : Kind.sealed.rawValue)
            payload.put(plugin.description.encoded)
        case .refused(let origin, let reason, let isNamed)?:
            payload.put(Kind.refused.rawValue)
            payload.put(origin)
            payload.put(reason)
            payload.put(UInt32(isNamed ? 1 : 0))
        case .remark(let text)?:
            payload.put(Kind.remark.rawValue)
            payload.put(text)
        }
        var frame = ByteWriter()
        frame.put(payload.bytes)
        return socket.send(frame.bytes, with: descriptor)
    }

    /// All findings, waiting until `deadline` (CLOCK_MONOTONIC, nanoseconds). The caller closes the images.
    package mutating func receiveAll(before deadline: UInt64) throws(Failure) -> [PluginFinding] {
        var findings: [PluginFinding] = []
        // Those that came with no finding.
        defer { for descriptor in descriptors { descriptor.close() } }
        do {
            while let finding = try receive(before: deadline) { findings.append(finding) }
            return findings
        } catch {
            for case .plugin(let plugin) in findings {
                if case .sealed(let image) = plugin.image { image.close() }
            }
            throw error
        }
    }

    private mutating func receive(before deadline: UInt64) throws(Failure) -> PluginFinding? {
        while true {
            if received.count >= 4 {
                let size = received.prefix(4).enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
                guard size <= InspectionChannel.limit else { throw .malformed }
                if received.count >= 4 + size {
                    let payload = Array(received[4..<(4 + size)])
                    received.removeFirst(4 + size)
                    do {
                        return try decode(payload)
                    } catch {
                        throw .malformed
                    }
                }
            }
            let now = MonotonicClock.now()
            guard now < deadline else { throw .late }
            let wait = Int32(truncatingIfNeeded: min((deadline - now) / 1_000_000 + 1, 60000))
            guard socket.waitUntil(1, timeoutMilliseconds: wait) else { throw .late }
            do {
                let (count, descriptor) = try socket.receive(upTo: 65536, into: &received)
                if let descriptor { descriptors.append(descriptor) }
                guard count > 0 else { throw Failure.ended }
            } catch {
                throw .ended
            }
        }
    }

    private mutating func decode(_ payload: [UInt8]) throws(ByteReader.Truncated) -> PluginFinding? {
        var reader = ByteReader(payload)
        switch Kind(rawValue: try reader.number32()) {
        case .done: return nil
        case .sealed:
            // Descriptors come in the order of their frames.
            guard !descriptors.isEmpty else { throw ByteReader.Truncated() }
            let image = descriptors.removeFirst()
            do {
                return .plugin(ResolvedPlugin(try PluginDescription(decoding: try reader.block()), .sealed(image)))
            } catch {
                image.close()
                throw error
            }
        case .library:
            let description = try PluginDescription(decoding: try reader.block())
            guard let name = description.library else { throw ByteReader.Truncated() }
            return .plugin(ResolvedPlugin(description, .library(name)))
        case .refused:
            return .refused(
                origin: try reader.text(), reason: try reader.text(), isNamed: try reader.number32() != 0)
        case .remark: return .remark(try reader.text())
        case nil: throw ByteReader.Truncated()
        }
    }
}
