package import TalonHooks
import TalonPlatform

/// The public keys that are trusted: the files `*.pub` of the trust folders.
package struct TrustStore: Sendable {
    /// By id.
    package private(set) var keys: [String: (key: PublicKey, path: String)] = [:]
    /// Where keys were looked for.
    package private(set) var folders: [String] = []
    /// Why files, or whole folders, are not trusted.
    package private(set) var problems: [PluginError] = []

    private static let limit = 1000

    /// Trusts nobody.
    package init() {}

    /// Reads the folders in order. One that is missing is empty.
    package init(_ folders: [String]) {
        self.folders = folders
        for folder in folders {
            guard let status = FileAccess.status(of: folder) else { continue }
            let names: [String]
            do {
                names = try FileAccess.names(in: folder)
            } catch {
                let reason = "is a trust folder that cannot be read: \(SystemError.text(of: error.errno))"
                problems.append(PluginError(.unreadable, path: folder, reason: reason))
                continue
            }
            // Even if it is sticky: in /tmp anybody can add a key.
            guard !status.isWritableByOthers else {
                problems.append(
                    PluginError(
                        .exposed, path: folder,
                        reason:
                            "is a trust folder that everybody may write to, and no key in it counts; run chmod o-w on it"
                    ))
                continue
            }
            for name in names where name.hasSuffix(".pub") && !name.hasPrefix(".") && keys.count < TrustStore.limit {
                let path = Path.join(folder, name)
                do {
                    let key = try PublicKey.read(path)
                    if keys[key.id] == nil { keys[key.id] = (key, path) }
                } catch {
                    problems.append(error)
                }
            }
        }
    }

    /// Trusts these keys.
    package init(keys: [PublicKey]) {
        for key in keys { self.keys[key.id] = (key, "") }
    }

    /// The trusted key of this id.
    package func key(_ id: String) -> PublicKey? { keys[id]?.key }
}
