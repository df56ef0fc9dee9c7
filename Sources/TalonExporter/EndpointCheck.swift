import TalonPlatform
import TalonSettings

/// Checks for the master, before the server starts, that the endpoint can be protected as the settings say: the master
/// has neither a TLS library nor a YAML parser.
package enum EndpointCheck {
    /// Where the fault is written.
    private static let answer = FileDescriptor(rawValue: 4)

    /// The whole life of the process. Returns its exit status: 0 if all is well, 1 with the sentence in the answer.
    package static func run() -> Int32 {
        Signal.leaveTheEndToTheMaster()
        guard let bytes = try? SealedFile.read(FileDescriptor(rawValue: Inheritance.Place.facts)),
            let inheritance = try? Inheritance(decoding: bytes)
        else { return 2 }
        do {
            _ = try ProtectionSettings(inheritance.setting).load()
            return 0
        } catch {
            return answer.writeAll(Array(error.description.utf8)) ? 1 : 2
        }
    }
}
