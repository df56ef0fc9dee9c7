import TalonPlatform

/// Where files are looked for when no setting says so; the XDG base directory specification.
package enum UserFolders {
    /// The system's folder, then the user's: `user` is a name in `$XDG_CONFIG_HOME/talon`.
    package static func all(system: String, user: String) -> [String] {
        guard let base = base("XDG_CONFIG_HOME", ".config") else { return [system] }
        return [system, "\(base)/talon/\(user)"]
    }

    /// The folder that keeps what Talon has learnt.
    package static var state: String {
        if ThisProcess.isRoot, ThisProcess.environment("XDG_STATE_HOME") == nil { return "/var/lib/talon" }
        return base("XDG_STATE_HOME", ".local/state").map { "\($0)/talon" } ?? "/var/lib/talon"
    }

    /// The control socket, where gunicorn's client looks for it; nil if there is no such place.
    package static var controlSocket: String? {
        if let folder = ThisProcess.environment("XDG_RUNTIME_DIR"), folder.hasPrefix("/"),
            FileAccess.status(of: folder)?.kind == .folder
        {
            return "\(folder)/gunicorn.ctl"
        }
        guard let home = ThisProcess.environment("HOME"), home.hasPrefix("/") else { return nil }
        return home == "/" ? "/.gunicorn/gunicorn.ctl" : "\(home)/.gunicorn/gunicorn.ctl"
    }

    private static func base(_ variable: String, _ inHome: String) -> String? {
        // A relative path is invalid by the specification, and ignored.
        if let folder = ThisProcess.environment(variable), folder.hasPrefix("/") { return folder }
        guard let home = ThisProcess.environment("HOME"), home.hasPrefix("/") else { return nil }
        return "\(home)/\(inHome)"
    }
}
