package import TalonSettings

/// How much must be proven of a plugin before it is loaded.
package enum PluginPolicy: String, CaseIterable, Sendable {
    /// A manifest that is signed with a trusted key.
    case requireSignature = "require-signature"
    /// A manifest that states the digest of each file.
    case requireChecksum = "require-checksum"
    case allowUnverified = "allow-unverified"
}

/// What the master asks the plugin inspector: which plugins there are, and what is known of them without running them.
package struct PluginQuery: Equatable, Sendable {
    /// Entries of the setting `plugins`, in order: a path, or a mapping or list in YAML.
    package var entries: [String]
    /// Drop-in folders, in order. One that is missing is empty.
    package var folders: [String]
    package var policy: PluginPolicy
    /// Folders with the public keys that are trusted.
    package var trustFolders: [String]
    /// Where it is remembered what crashed while it was loaded.
    package var stateFolder: String

    package init(
        entries: [String], folders: [String], policy: PluginPolicy, trustFolders: [String], stateFolder: String
    ) {
        self.entries = entries
        self.folders = folders
        self.policy = policy
        self.trustFolders = trustFolders
        self.stateFolder = stateFolder
    }

    package var encoded: [UInt8] {
        var writer = ByteWriter()
        for list in [entries, folders, trustFolders] {
            writer.put(UInt32(list.count))
            for text in list { writer.put(text) }
        }
        writer.put(policy.rawValue)
        writer.put(stateFolder)
        return writer.bytes
    }

    package init(decoding bytes: [UInt8]) throws(ByteReader.Truncated) {
        var reader = ByteReader(bytes)
        func list() throws(ByteReader.Truncated) -> [String] {
            var list: [String] = []
            for _ in 0..<(try reader.number32()) { list.append(try reader.text()) }
            return list
        }
        entries = try list()
        folders = try list()
        trustFolders = try list()
        guard let policy = PluginPolicy(rawValue: try reader.text()) else { throw ByteReader.Truncated() }
        self.policy = policy
        stateFolder = try reader.text()
    }
}

/// What the inspector says of one plugin, in the order in which their hooks are called.
package enum PluginFinding: Equatable, Sendable {
    case plugin(ResolvedPlugin)
    /// It cannot be used. `isNamed`: a user asked for it by name.
    case refused(origin: String, reason: String, isNamed: Bool)
    /// Something that the log should say ("is loaded without verification").
    case remark(String)
}
