import TalonMaster
import TalonPlatform

/// `talon plugin ...`: another program, for it needs much that a server does not.
enum PluginCommand {
    /// Becomes that program. Returns the exit status if it cannot.
    static func run(_ words: [String]) -> Int32 {
        var reason = "/proc is not mounted; Talon needs it"
        if let distribution = try? Distribution.find() {
            let failure = ThisProcess.become(distribution.pluginTool, ["talon plugin"] + words)
            reason = "\(distribution.pluginTool): \(SystemError.text(of: failure)); install Talon anew"
        }
        FileDescriptor.standardError.writeAll(Array("talon plugin: \(reason)\n".utf8))
        return 1
    }
}
