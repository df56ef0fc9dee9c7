import TalonSettings
import TalonTesting
import TalonYAML
import Testing

extension YAMLValue {
    fileprivate subscript(key: String) -> YAMLValue? {
        guard case .mapping(let entries) = content else { return nil }
        return entries.first { $0.key == key }?.value
    }

    fileprivate var text: String? { if case .text(let text) = content { text } else { nil } }
    fileprivate var items: [YAMLValue] { if case .list(let items) = content { items } else { [] } }

    /// Itself, and all that is in it.
    fileprivate var all: [YAMLValue] {
        switch content {
        case .mapping(let entries): [self] + entries.flatMap { $0.value.all }
        case .list(let items): [self] + items.flatMap { $0.all }
        case .text, .nothing: [self]
        }
    }

    /// The elements of a list that is one of its fields.
    fileprivate func items(_ key: String) -> [YAMLValue] { self[key]?.items ?? [] }

    /// The names in such a list.
    fileprivate func names(_ key: String, by field: String = "name") -> [String] {
        items(key).compactMap { $0[field]?.text }
    }
}

/// The YAML of docs/fleet.md, block by block.
private func fleetManifests() throws -> [YAMLValue] {
    let text = try #require(Files.text("\(Repository.root)/docs/fleet.md"))
    return try text.matches(of: #/```yaml\n(.*?)\n```/#.dotMatchesNewlines()).map { match in
        try YAMLDocument.parse(Array(match.output.1.utf8), file: "docs/fleet.md")
    }
}

@Suite struct `The manifests of a fleet` {
    @Test func `have pods of which ports, volumes and labels fit together`() throws {
        let manifests = try fleetManifests()
        let kinds = Set(manifests.compactMap { $0["kind"]?.text })
        #expect(kinds.isSuperset(of: ["DaemonSet", "Deployment", "Service"]))
        let pods = manifests.flatMap { $0.all }.filter { $0["containers"] != nil }
        #expect(pods.count == 4)
        for pod in pods {
            let containers = pod.items("containers")
            let ports = containers.flatMap { $0.names("ports", by: "containerPort") }
            #expect(Set(ports).count == ports.count, "two containers of a pod share its ports: \(ports)")
            let mounted = containers.flatMap { $0.names("volumeMounts") }
            #expect(Set(mounted) == Set(pod.names("volumes")))
        }
        let applications = manifests.compactMap { manifest -> String? in
            guard let spec = manifest["spec"], let template = spec["template"] else { return nil }
            let application = template["metadata"]?["labels"]?["app"]?.text
            #expect(application != nil && spec["selector"]?["matchLabels"]?["app"]?.text == application)
            return application
        }
        for service in manifests where service["kind"]?.text == "Service" {
            #expect(applications.contains(service["spec"]?["selector"]?["app"]?.text ?? "none"))
        }
    }

    @Test func `run commands that talon takes, with variables that it knows`() throws {
        let known = Set(Catalogue.settings.compactMap(\.variable)).union(["POD_NAME", "POD_NAMESPACE"])
        var commands = 0
        for container in try fleetManifests().flatMap({ $0.all }).flatMap({ $0.items("containers") }) {
            let names = Set(container.names("env"))
            #expect(known.isSuperset(of: names), "\(names.subtracting(known))")
            // By a Service called redis Kubernetes sets it, to no number.
            #expect(names.contains("REDIS_HOST") == names.contains("REDIS_PORT"))
            var environment: [String: String] = [:]
            for variable in container.items("env") {
                environment[variable["name"]?.text ?? ""] = variable["value"]?.text ?? "of-the-cluster"
            }
            // That of the container, and those of its probes.
            for command in container.all.compactMap({ $0["command"] }) {
                let words = command.items.compactMap(\.text)
                guard words.first == "talon" else { continue }
                commands += 1
                try check(Array(words.dropFirst()), environment)
            }
        }
        #expect(commands == 6)
    }

    /// The options exist, and have values that can be meant; as do the variables.
    private func check(_ words: [String], _ given: [String: String]) throws {
        let folder = try TemporaryDirectory()
        try folder.copy(fixture: "apps/life.py", as: "app.py")
        let own = [
            "PATH": "/usr/bin:/bin", "HOME": folder.path, "XDG_STATE_HOME": folder.file("state"),
            "PROMETHEUS_MULTIPROC_DIR": folder.file("metrics"),
        ]
        let isExporter = words.first == "exporter"
        let asks = isExporter ? ["--help"] : ["--print-config", "--python", try TestEnvironment.python()]
        let result = try run(
            TestEnvironment.binary(), words + asks, environment: given.merging(own) { $1 }, directory: folder.path)
        #expect(result.status == 0, "\(words): \(result.error)")
        #expect(!isExporter || result.output.hasPrefix("usage: talon exporter"))
    }
}
