import TalonPlatform
import TalonSettings

/// What the master and a hook runner say to each other: a length, a kind, a payload.
enum HookFrame: Equatable {
    // From the runner.
    case hello(id: String, version: String, language: String)
    case refused(reason: String)
    case log(level: Int32, message: String)
    case request(HostRequest)
    case result(status: Int32)
    // From the master.
    case call(point: UInt32, deadline: UInt64, facts: HookFacts)
    case answer(status: Int32)

    /// A longer frame is a runner gone wrong.
    static let limit = 1 << 20

    /// A longer log line is cut, in characters.
    static let textLimit = 16384

    var encoded: [UInt8] {
        var payload = ByteWriter()
        switch self {
        case .hello(let id, let version, let language):
            payload.put(UInt32(1))
            payload.put(id)
            payload.put(version)
            payload.put(language)
        case .refused(let reason):
            payload.put(UInt32(2))
            payload.put(reason)
        case .log(let level, let message):
            payload.put(UInt32(3))
            payload.put(UInt32(bitPattern: level))
            payload.put(message)
        case .request(let request):
            payload.put(UInt32(4))
            payload.put(request.kind)
            payload.put(request.name)
            payload.put(request.value)
        case .result(let status):
            payload.put(UInt32(5))
            payload.put(UInt32(bitPattern: status))
        case .call(let point, let deadline, let facts):
            payload.put(UInt32(6))
            payload.put(point)
            payload.put(deadline)
            facts.encode(into: &payload)
        case .answer(let status):
            payload.put(UInt32(7))
            payload.put(UInt32(bitPattern: status))
        }
        var frame = ByteWriter()
        frame.put(UInt32(payload.bytes.count))
        return frame.bytes + payload.bytes
    }

    init(decoding payload: [UInt8]) throws(ByteReader.Truncated) {
        var reader = ByteReader(payload)
        switch try reader.number32() {
        case 1:
            self = .hello(id: try reader.text(), version: try reader.text(), language: try reader.text())
        case 2: self = .refused(reason: try reader.text())
        case 3: self = .log(level: Int32(bitPattern: try reader.number32()), message: try reader.text())
        case 4:
            self = .request(
                HostRequest(kind: try reader.number32(), name: try reader.text(), value: try reader.text()))
        case 5: self = .result(status: Int32(bitPattern: try reader.number32()))
        case 6:
            self = .call(
                point: try reader.number32(), deadline: try reader.number64(),
                facts: try HookFacts(decoding: &reader))
        case 7: self = .answer(status: Int32(bitPattern: try reader.number32()))
        default: throw ByteReader.Truncated()
        }
    }
}
