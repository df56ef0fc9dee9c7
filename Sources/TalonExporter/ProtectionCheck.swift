import TalonPlatform
import TalonSettings
import TalonTLS

/// Checks for the master, before the server starts and at a reload, that a port can be protected as the settings say: the
/// master has neither a TLS library nor a YAML parser.
package enum ProtectionCheck {
    /// Where the fault is written.
    private static let answer = FileDescriptor(rawValue: 4)

    /// The whole life of the process, for the word that tells which port is meant. Returns its exit status: 0 if all is
    /// well, 1 with the sentence in the answer.
    package static func run(_ word: String) -> Int32 {
        Signal.leaveTheEndToTheMaster()
        guard let bytes = try? SealedFile.read(FileDescriptor(rawValue: Inheritance.Place.facts)),
            let inheritance = try? Inheritance(decoding: bytes)
        else { return 2 }
        do {
            switch word {
            case Inheritance.endpointCheck: _ = try ProtectionSettings(inheritance.setting).load()
            case Inheritance.socketCheck:
                if let tls = try TLSConfiguration.ofSockets(inheritance.setting) {
                    _ = try TLSContext(tls, library: .linked)
                }
            default: return 2
            }
            return 0
        } catch {
            let text = (error as? SettingsError)?.message ?? "\(error)"
            return answer.writeAll(Array(text.utf8)) ? 1 : 2
        }
    }
}
