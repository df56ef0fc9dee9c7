package import TalonHooks
package import TalonYAML

/// What an entry of the setting `plugins` says of one plugin.
package struct PluginEntry: Equatable, Sendable {
    /// The plugin's file or bundle; nil if `id` names it.
    package var path: String?
    /// The id of a plugin that is found elsewhere, in a folder; nil if `path` names it.
    package var id: String?
    package var isolation: Isolation?
    /// In nanoseconds, at all hook points; nil leaves the plugin's own limits.
    package var timeout: UInt64?
    /// nil leaves it as the plugin's manifest has it.
    package var isRequired: Bool?
    /// False: the plugin is not used.
    package var isEnabled = true
    /// In the order given.
    package var config: [GivenSetting] = []
    /// Where it was written, as messages name it.
    package var source: String
    /// In the text of the entry; starts at 1.
    package var line = 1

    /// A plain path.
    package init(path: String, source: String) {
        self.path = path
        self.source = source
    }

    /// Reads one entry: a path, a mapping, or a list of both, in YAML. `source` is how messages name it.
    package static func parse(_ text: String, source: String) throws(YAMLError) -> [PluginEntry] {
        guard looksLikeYAML(text) else {
            let isPath = text.contains { !$0.isWhitespace } && !text.utf8.contains(0)
            guard isPath, text.utf8.count <= pathLimit else {
                let place = YAMLPlace(file: source, line: 1, field: "path")
                throw place.error("is \(quoted(text)); name the file of a plugin")
            }
            return [PluginEntry(path: text, source: source)]
        }
        let root = YAMLField(
            try YAMLDocument.parse(Array(text.utf8), file: source), file: source, field: "plugins")
        guard case .list = root.value.content else { return [try PluginEntry(root)] }
        var entries: [PluginEntry] = []
        for element in try root.list(of: "plugins") { entries.append(try PluginEntry(element)) }
        return entries
    }

    private static let pathLimit = 4096
    private static let keys = ["path", "id", "isolation", "timeout", "required", "enabled", "config"]

    /// A path that looks so can be written with a "./" before it, or as `{path: "…"}`.
    private static func looksLikeYAML(_ text: String) -> Bool {
        let start = text.drop { $0.isWhitespace }
        return ["{", "[", "- ", "---"].contains { start.hasPrefix($0) } || text.contains(": ") || text.contains("\n")
    }

    private init(_ field: YAMLField) throws(YAMLError) {
        source = field.place.file
        line = field.place.line
        if case .text = field.value.content {
            path = try field.words("the file of a plugin")
            return
        }
        guard case .mapping = field.value.content else {
            throw field.place.error("is \(field.value.kind); write a path, or a mapping with path or id")
        }
        let fields = try field.fields(PluginEntry.keys)
        path = try fields["path"]?.words("the file of a plugin")
        id = try fields["id"].map { field throws(YAMLError) in try IdentityText.id(field) }
        guard path != nil || id != nil else { throw field.place.error("names no plugin; write path or id") }
        if path != nil, let field = fields["id"] {
            throw field.place.error("is there beside path; leave one of the two out")
        }
        isolation = try fields["isolation"].flatMap { field throws(YAMLError) in try Isolation(field) }
        timeout = try fields["timeout"].map { field throws(YAMLError) in try DurationText.nanoseconds(field) }
        isRequired = try fields["required"]?.flag()
        isEnabled = try fields["enabled"]?.flag() ?? true
        for (key, setting) in try fields["config"]?.mapping(of: "settings", isLimited: true) ?? [] {
            config.append(GivenSetting(key: key, value: try setting.text("a value"), line: setting.place.line))
        }
    }
}
