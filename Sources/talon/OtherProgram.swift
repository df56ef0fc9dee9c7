import TalonMaster
import TalonPlatform

/// `talon plugin ...` and `talon exporter ...`: other programs, for they need much that a server does not.
enum OtherProgram {
    static func plugin(_ words: [String]) -> Int32 { become("talon plugin", \.pluginTool, words) }
    static func exporter(_ words: [String]) -> Int32 { become("talon exporter", \.exporter, words) }

    /// Becomes that program. Returns the exit status if it cannot.
    private static func become(_ name: String, _ program: (Distribution) -> String, _ words: [String]) -> Int32 {
        var reason = "/proc is not mounted; Talon needs it"
        if let distribution = try? Distribution.find() {
            let failure = ThisProcess.become(program(distribution), [name] + words)
            reason = "\(program(distribution)): \(SystemError.text(of: failure)); install Talon anew"
        }
        FileDescriptor.standardError.writeAll(Array("\(name): \(reason)\n".utf8))
        return 1
    }
}
