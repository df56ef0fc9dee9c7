import TalonPlatform

/// Has the exporter's program check, before the server starts, that the metrics port can be protected as the settings
/// say. The master reads neither certificates nor YAML.
struct EndpointInspection {
    /// What to start, given the program's end of the socket for its answer.
    let describe: (FileDescriptor) throws(SystemError) -> ProcessDescription
    /// Nanoseconds.
    var limit = 20 * nanosecondsPerSecond

    /// The longest answer that is read.
    private static let answerLimit = 65536

    /// Returns what is wrong, or nil.
    func run() -> String? {
        do throws(SystemError) {
            let program = ProgramAnswer(limit: limit, size: EndpointInspection.answerLimit, describe: describe)
            switch try program.run() {
            case .ended(.exited(0), _): return nil
            case .late: return "the check of the metrics port did not end within \(limit / nanosecondsPerSecond) s"
            case .ended(let status, let bytes):
                let text = String(decoding: bytes, as: UTF8.self)
                return text.isEmpty ? "the check of the metrics port \(status.phrase); install Talon anew" : text
            }
        } catch {
            return "the check of the metrics port cannot be started: \(error); install Talon anew"
        }
    }
}
