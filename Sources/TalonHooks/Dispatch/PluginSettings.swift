import CTalonPlugin
import TalonPlatform

/// What `talon.config/1` answers: the plugin's own settings first, then the server's. Any thread.
final class PluginSettings {
    /// No setting has a longer name.
    private static let keyLimit = 256
    /// Of the server's; more than it has, whatever names it takes.
    private static let serverLimit = 1000

    private let own: [String: String]
    private let server: (String) -> String?
    /// The texts handed out, which must live as long as the host. Keys that are not set are not remembered.
    private var texts: [String: talon_str] = [:]
    private let lock = Lock()

    init(own: [(key: String, value: String)], server: @escaping (String) -> String?) {
        self.own = Dictionary(own.map { ($0.key, $0.value) }) { first, _ in first }
        self.server = server
    }

    /// The value; its data is NULL if the key is not set.
    func text(_ key: talon_str) -> talon_str {
        let unset = talon_str(data: nil, size: 0)
        guard key.size <= Self.keyLimit else { return unset }
        let key = CText.read(key)
        return lock.withLock {
            if let known = texts[key] { return known }
            guard texts.count < own.count + Self.serverLimit, let value = own[key] ?? server(key) else { return unset }
            let text = CText.make(value)
            texts[key] = text
            return text
        }
    }
}
