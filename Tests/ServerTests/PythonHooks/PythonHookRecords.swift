import TalonPlatform
import TalonTesting

extension TemporaryDirectory {
    /// What `hooks/every.conf.py` wrote down: a call in each line.
    func hookRecords(of hook: String? = nil) throws -> [JSON] {
        let records = try lines("records").map { try JSON(Array($0.utf8)) }
        return hook.map { name in records.filter { $0["hook"]?.string == name } } ?? records
    }

    /// The names of the hooks that were called, in order.
    func calledHooks() throws -> [String] { try hookRecords().compactMap { $0["hook"]?.string } }

    /// An application, and a configuration file with hooks.
    static func withHooks(_ file: String) throws -> TemporaryDirectory {
        let directory = try applicationDirectory()
        try directory.copy(fixture: "hooks/\(file).conf.py", as: "gunicorn.conf.py")
        return directory
    }
}

extension TalonServer {
    /// How often a hook of the configuration file ended in this way.
    func pythonHookCalls(_ hook: String, _ outcome: String) throws -> Double {
        let labels = ["plugin": "org.talon.python-hooks", "hook": hook, "outcome": outcome]
        return try metrics().sum("talon_hook_calls_total", labels)
    }
}
