import TalonHooks
import TalonPlatform

/// All that is known of a plugin that was read and not run.
struct PluginFacts {
    let source: PluginSource
    private let description: PluginDescription
    /// As the user named it.
    private let file: String

    /// Reads the plugin here, which the inspector could read already.
    init(_ file: String, policy: PluginPolicy, trustFolders: [String]) throws(ToolFailure) {
        self.file = file
        do {
            source = try PluginSource.read(file.absolutePath, trust: TrustStore(trustFolders), policy: policy)
            source.close()
            description = try source.describe()
        } catch {
            throw ToolFailure(error.description)
        }
    }

    /// "signed with the key 0123456789abcdef".
    var verification: String {
        switch source.verification {
        case .signed(let key, let isTrusted): "signed with the key \(key), \(isTrusted ? "trusted" : "not trusted")"
        case .checksummed: "its manifest states the digests"
        case .unverified: "unverified"
        }
    }

    var verificationFields: [(name: String, value: JSON)] {
        switch source.verification {
        case .signed(let key, let isTrusted):
            [("verification", .text("signed")), ("key_id", .text(key)), ("trusted", .truth(isTrusted))]
        case .checksummed: [("verification", .text("checksummed"))]
        case .unverified: [("verification", .text("unverified"))]
        }
    }
}

extension PluginFacts {
    var report: Report {
        let manifest = source.manifest
        var lines = words.filter { !$0.value.isEmpty }.map { "\($0.name.padded(to: 11))  \($0.value)" }
        lines += description.bindings.map { binding in
            let limit = ReadableTime.of(description.timeLimit(at: binding.point))
            let side = binding.point.isInWorker ? "worker" : "hook runner"
            return "\("hook".padded(to: 11))  \(binding.point.name): \(binding.symbol)() in the \(side), limit \(limit)"
        }
        lines += (manifest?.config.keys ?? []).map { key in
            let standard =
                key.isRequired ? "required" : key.defaultText.map { "[\(key.isSecret ? "secret" : $0)]" } ?? ""
            return "\("setting".padded(to: 11))  \(key.name) (\(key.type.rawValue)) \(standard) \(key.help)"
        }
        lines += source.files.map { "\("file".padded(to: 11))  \($0)" }
        lines += source.remarks.map { "\("remark".padded(to: 11))  \($0)" }
        return Report(lines, fields)
    }

    private var words: [(name: String, value: String)] {
        let manifest = source.manifest
        return [
            ("file", file), ("form", source.form.rawValue), ("id", description.id), ("version", description.version),
            ("abi", manifest?.abi ?? ""),
            ("language", description.language ?? ""), ("description", manifest?.summary ?? ""),
            ("license", manifest?.license ?? ""), ("homepage", manifest?.homepage ?? ""),
            ("author", manifest?.author ?? ""), ("library", description.library ?? ""),
            ("sha256", source.digest), ("isolation", description.isolation?.rawValue ?? ""),
            ("required", description.isRequired ? "yes" : ""),
            ("verified", verification), ("needs", source.object.needed.joined(separator: ", ")),
        ]
    }

    private var fields: [(name: String, value: JSON)] {
        let manifest = source.manifest
        let hooks = description.bindings.map { binding in
            JSON.object([
                ("point", .text(binding.point.name)), ("symbol", .text(binding.symbol)),
                ("worker", .truth(binding.point.isInWorker)),
                ("limit_ms", .number(Int(description.timeLimit(at: binding.point) / 1_000_000))),
            ])
        }
        let settings = (manifest?.config.keys ?? []).map { key in
            JSON.object([
                ("name", .text(key.name)), ("type", .text(key.type.rawValue)), ("required", .truth(key.isRequired)),
                ("secret", .truth(key.isSecret)), ("default", .optional(key.isSecret ? nil : key.defaultText)),
                ("help", .text(key.help)),
            ])
        }
        return [
            ("file", .text(file)), ("form", .text(source.form.rawValue)), ("id", .text(description.id)),
            ("version", .text(description.version)),
            ("abi", .optional(manifest?.abi)), ("language", .optional(description.language)),
            ("description", .optional(manifest?.summary)), ("license", .optional(manifest?.license)),
            ("homepage", .optional(manifest?.homepage)), ("author", .optional(manifest?.author)),
            ("library", .optional(description.library)), ("digest", .text(source.digest)),
            ("isolation", .optional(description.isolation?.rawValue)), ("required", .truth(description.isRequired)),
            ("identity", .truth(description.hasIdentity)), ("hooks", .list(hooks)), ("settings", .list(settings)),
            ("files", JSON.texts(source.files)), ("exports", JSON.texts(source.object.exports.sorted())),
            ("needs", JSON.texts(source.object.needed)), ("swift", .truth(source.object.isSwift)),
            ("remarks", JSON.texts(source.remarks)),
        ] + verificationFields
    }
}
