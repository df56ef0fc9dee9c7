import TalonPlatform

/// What crashed while it was loaded, by digest: one small file each in FOLDER/crashed.
///
/// It saves a crash at the next start, and no more; so all its failures are harmless: what cannot be remembered is
/// tried again.
package struct CrashMemory: Sendable {
    private let folder: String

    /// How many are remembered; the oldest go first.
    private static let limit = 1000

    /// `folder`: the setting `plugin_state`. It is made when something is remembered.
    package init(folder: String) {
        self.folder = folder + "/crashed"
    }

    /// What happened to the file of this digest when it was last loaded; nil if nothing is known.
    package func isRemembered(_ digest: String) -> String? {
        guard let path = path(of: digest), FileAccess.isRegularFile(path),
            let bytes = try? FileDescriptor.contents(of: path, limit: 4096)
        else { return nil }
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let reason = lines.first.map { String(decoding: $0, as: UTF8.self) } ?? ""
        return reason.isEmpty ? "for an unknown reason" : reason
    }

    /// Remembers that the file of this digest must not be loaded again. `reason`: "signal 11 in create".
    package func remember(digest: String, origin: String, reason: String) {
        guard let path = path(of: digest) else { return }
        let lines = [reason, origin].map { text in
            String(decoding: text.utf8.prefix(1000).map { $0 < 0x20 ? 0x20 : $0 }, as: UTF8.self)
        }
        do {
            try FileAccess.makeFolder(folder, withParents: true)
            makeRoom()
            try FileAccess.replace(path, with: Array((lines.joined(separator: "\n") + "\n").utf8))
        } catch {
            // It will crash once more.
        }
    }

    /// Lets the file of this digest be loaded again.
    package func forget(_ digest: String) {
        if let path = path(of: digest) { FileAccess.remove(path) }
    }

    private func path(of digest: String) -> String? {
        let isDigest = digest.utf8.count == 64 && digest.utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) }
        return isDigest ? "\(folder)/\(digest)" : nil
    }

    private func makeRoom() {
        guard let names = try? FileAccess.names(in: folder), names.count >= CrashMemory.limit else { return }
        let files = names.map { name in
            (
                path: "\(folder)/\(name)",
                time: FileAccess.status(of: "\(folder)/\(name)", followingLinks: false)?.modified ?? 0
            )
        }
        let oldest = files.sorted { ($0.time, $0.path) < ($1.time, $1.path) }
        for file in oldest.prefix(names.count - CrashMemory.limit + 1) { FileAccess.remove(file.path) }
    }
}
