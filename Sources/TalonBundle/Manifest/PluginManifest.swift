package import TalonHooks
package import TalonYAML

/// What a plugin's manifest says, checked. Enough to list, check and schedule the plugin without running any of it.
package struct PluginManifest: Equatable, Sendable {
    /// A function that the manifest binds to a hook point.
    package struct Hook: Equatable, Sendable {
        package let point: HookPoint
        package let symbol: String
        /// nil is the standard signature.
        let signature: HookSignature?
        /// Where the symbol is stated, or would be.
        let symbolPlace: YAMLPlace
    }

    /// The manifest, as messages name it.
    package let file: String
    package let id: String
    package let version: String
    /// "1.0"; nil if the manifest does not say.
    package let abi: String?
    /// "c", "c++", "swift" or "rust"; nil if only the loaded plugin tells.
    package let language: String?
    /// nil if the manifest does not say, and the shared object is the one that it came with.
    package let library: LibraryReference?
    package let isolation: Isolation?
    /// In nanoseconds.
    package let limits: [HookPoint: UInt64]
    package let isRequired: Bool
    package let summary: String?
    package let license: String?
    package let homepage: String?
    package let author: String?
    package let config: ConfigSchema
    /// In the order of the manifest; nil if they are those of the ELF symbol table.
    package let hooks: [Hook]?
    /// SHA-256 in small hexadecimal digits of each file, by its path in the bundle; nil if the manifest states none.
    package let files: [String: String]?

    /// Where the isolation is stated, or would be.
    let isolationPlace: YAMLPlace

    private static let keys = [
        "schema", "id", "version", "abi", "language", "library", "isolation", "limits", "required", "description",
        "license", "homepage", "author", "config", "hooks", "files",
    ]

    /// Reads the bytes of a manifest. `file` is how messages name it.
    package static func parse(_ bytes: [UInt8], file: String) throws(YAMLError) -> PluginManifest {
        let root = YAMLField(try YAMLDocument.parse(bytes, file: file), file: file, field: "")
        return try PluginManifest(root)
    }

    private init(_ root: YAMLField) throws(YAMLError) {
        let fields = try root.fields(PluginManifest.keys)
        // The schema first: of another one nothing else is known.
        let schema = try fields.required("schema", "write schema: 1")
        let number = try schema.text("1")
        guard number == "1" else {
            throw schema.place.error("is \(quoted(number)), and this Talon knows schema 1 only; write schema: 1")
        }
        file = root.place.file
        abi = try fields["abi"].map { field throws(YAMLError) in try IdentityText.abi(field) }
        id = try IdentityText.id(try fields.required("id", "write a reverse domain name such as org.example.hello"))
        version = try IdentityText.version(try fields.required("version", "write a semantic version such as 1.0.0"))
        language = try fields["language"].map { field throws(YAMLError) in try IdentityText.language(field) }
        library = try fields["library"].map { field throws(YAMLError) in try LibraryReference(field) }
        isolation = try fields["isolation"].flatMap { field throws(YAMLError) in try Isolation(field) }
        isolationPlace = fields["isolation"]?.place ?? fields.place.inner("isolation")
        limits = try PluginManifest.limits(fields["limits"])
        isRequired = try fields["required"]?.flag() ?? false
        summary = try fields["description"]?.words("a text")
        license = try fields["license"]?.words("a text")
        homepage = try fields["homepage"]?.words("a text")
        author = try fields["author"]?.words("a text")
        let config = try fields["config"].map { field throws(YAMLError) in try ConfigSchema(field) } ?? .empty
        self.config = config
        hooks = try fields["hooks"].map { field throws(YAMLError) in try PluginManifest.hooks(field, config) }
        files = try fields["files"].map { field throws(YAMLError) in try ManifestFiles.digests(field) }
    }

    private static func limits(_ field: YAMLField?) throws(YAMLError) -> [HookPoint: UInt64] {
        var limits: [HookPoint: UInt64] = [:]
        for (name, limit) in try field?.mapping(of: "hook points to times") ?? [] {
            let point = try YAMLField.hookPoint(name, limit.place)
            limits[point] = try DurationText.nanoseconds(limit)
        }
        return limits
    }

    private static func hooks(_ field: YAMLField, _ config: ConfigSchema) throws(YAMLError) -> [Hook] {
        var hooks: [Hook] = []
        for element in try field.list(of: "hooks", isLimited: true) {
            let hook = try Hook(element, config)
            guard !hooks.contains(where: { $0.point == hook.point && $0.symbol == hook.symbol }) else {
                throw element.place.error("binds \(hook.symbol) to \(hook.point.name) again; leave one of the two out")
            }
            hooks.append(hook)
        }
        guard !hooks.isEmpty else {
            throw field.place.error("is empty; leave it out to use the functions that the library exports")
        }
        return hooks
    }
}

extension PluginManifest.Hook {
    fileprivate init(_ field: YAMLField, _ config: ConfigSchema) throws(YAMLError) {
        let fields = try field.fields(["point", "symbol", "returns", "arguments"])
        point = try fields.required("point", "name a hook point such as when_ready").hookPoint()
        symbolPlace = fields["symbol"]?.place ?? fields.place.inner("symbol")
        symbol =
            try fields["symbol"].map { field throws(YAMLError) in try IdentityText.symbol(field) } ?? point.symbol
        guard fields["returns"] != nil || fields["arguments"] != nil else {
            signature = nil
            return
        }
        let returns = try fields.required("returns", "say what the function returns, such as \"i32 ignore\"")
        signature = try HookSignature(returns: returns, arguments: fields["arguments"], at: point, config)
    }
}

extension Isolation {
    init?(_ field: YAMLField) throws(YAMLError) {
        self.init(rawValue: try field.choice(Isolation.allCases.map(\.rawValue)))
    }
}
