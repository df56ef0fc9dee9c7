import TalonTesting
import Testing

/// The dashboards and alert rules of docs/dashboards.
private enum Dashboards {
    static let folder = "\(Repository.root)/docs/dashboards"

    static var files: [String] { Files.names(in: folder).filter { $0.hasSuffix(".json") } }

    /// The queries of one, by Python's parser, which is strict; also of its variables and annotations. The first line
    /// is its uid, the second the uids of its data sources.
    static func lines(_ file: String) throws -> [String] {
        let script = """
            import json, sys
            board = json.load(open(sys.argv[1]))
            found, sources = [], set()
            def walk(value):
                if isinstance(value, dict):
                    for key in ("expr", "definition"):
                        if isinstance(value.get(key), str): found.append(value[key])
                    if isinstance(value.get("datasource"), dict): sources.add(value["datasource"]["uid"])
                    for inner in value.values(): walk(inner)
                if isinstance(value, list):
                    for inner in value: walk(inner)
            walk(board)
            ids = [panel["id"] for panel in board["panels"]]
            assert len(ids) == len(set(ids)), "two panels have one id"
            assert board["schemaVersion"] >= 36 and board["title"], "no Grafana of today imports it"
            cells = [(p["gridPos"]["x"] + dx, p["gridPos"]["y"] + dy) for p in board["panels"]
                     for dx in range(p["gridPos"]["w"]) for dy in range(p["gridPos"]["h"])]
            assert len(cells) == len(set(cells)) and max(x for x, y in cells) < 24, "panels overlap"
            print(board["uid"])
            print(" ".join(sorted(sources)))
            for expression in found: print(expression.replace("\\n", " "))
            """
        let result = try run(TestEnvironment.python(), ["-c", script, "\(folder)/\(file)"])
        guard result.status == 0 else { throw TestFailure("\(file): \(result.error)") }
        return result.output.split(separator: "\n").map(String.init)
    }

    /// A query with values for Grafana's variables.
    static func filled(_ query: String) -> String {
        let values = ["$__rate_interval": "5m", "$__interval": "1m", "$instance": ".*", "$plugin": ".*"]
        return values.reduce(query) { text, value in
            text.split(separator: value.key, omittingEmptySubsequences: false).joined(separator: value.value)
        }
    }

    /// The families that a text names.
    static func families(in text: String) -> Set<String> {
        let words = text.split { !($0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == ":")) }
        return Set(
            words.filter { $0.hasPrefix("talon_") || $0.hasPrefix("gunicorn_") }.map { word in
                let suffix = ["_bucket", "_sum", "_count"].first { word.hasSuffix($0) }
                return String(word.dropLast(suffix?.count ?? 0))
            })
    }
}

@Suite struct `The dashboards` {
    @Test func `are those that the documents name`() {
        #expect(Dashboards.files == ["talon-hooks.json", "talon-overview.json"])
    }

    @Test(arguments: ["talon-hooks.json", "talon-overview.json"])
    func `are what Grafana imports, and read the data source that documents provision`(file: String) throws {
        let lines = try Dashboards.lines(file)
        #expect(lines[0] == file.dropLast(".json".count))
        #expect(lines[1] == "-- Grafana -- prometheus")
        #expect(lines.count > 10)
    }

    @Test(arguments: ["talon-hooks.json", "talon-overview.json"])
    func `have queries that Prometheus understands`(file: String) throws {
        let directory = try TemporaryDirectory()
        // What is no query fills the lists of variables.
        let queries = try Dashboards.lines(file).dropFirst(2).filter { !$0.hasPrefix("label_values(") }
        var rules = "groups:\n  - name: dashboard\n    rules:\n"
        for (index, query) in queries.enumerated() {
            rules +=
                "      - record: dashboard:query_\(index)\n        expr: |-\n          \(Dashboards.filled(query))\n"
        }
        try directory.write(rules, to: "rules.yaml")
        let output = try checkRules(directory.file("rules.yaml"))
        #expect(output.contains("\(queries.count) rules found"), "\(output)")
    }

    @Test func `and the alert rules ask for families that there are`() throws {
        let directory = try applicationDirectory()
        let plugin = try Fixture.plugin("nothing")
        var known = Set<String>()
        try serving("app:app", "--plugin", plugin, in: directory) { server in
            known = Set(try server.metrics().types.keys)
        }
        #expect(known.contains("talon_build_info"))
        let folder = "\(Repository.root)/docs"
        for page in Files.names(in: folder) where page.hasPrefix("metrics") || page == "operations.md" {
            known.formUnion(Dashboards.families(in: Files.text("\(folder)/\(page)") ?? ""))
        }
        var asked: [(String, String)] = []
        for file in Dashboards.files {
            for line in try Dashboards.lines(file).dropFirst(2) { asked.append((file, line)) }
        }
        // Without what is not a query: the names of groups and alerts, comments.
        for line in Files.lines("\(Dashboards.folder)/alerts.yaml") where !line.contains("name:") && !line.contains("#")
        {
            asked.append(("alerts.yaml", line))
        }
        for (file, text) in asked {
            let unknown = Dashboards.families(in: text).subtracting(known)
            #expect(unknown.isEmpty, "\(file): \(text)")
        }
    }
}

@Suite struct `The alert rules` {
    @Test func `are what promtool accepts`() throws {
        let output = try checkRules("\(Dashboards.folder)/alerts.yaml")
        #expect(output.contains("16 rules found"), "\(output)")
    }
}

/// What promtool says of a file of rules that it accepts.
private func checkRules(_ path: String) throws -> String {
    let check = try Promtool.run(["check", "rules", path])
    guard check.status == 0 else { throw TestFailure("\(path): \(check.output)\(check.error)") }
    return check.output
}
