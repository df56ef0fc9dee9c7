import TalonTesting
import Testing

/// The Swift face as it is shipped: source that is compiled into the plugin's module.
@Suite(.serialized) struct `A Swift plugin of one file` {
    /// The blocks of the kit's README that are marked with a language.
    private func block(_ language: String) throws -> String {
        let text = try #require(Files.text("\(Repository.root)/Sources/TalonPluginKit/README.md"))
        let parts = text.components(between: "```\(language)\n", and: "\n```")
        return try #require(parts)
    }

    private func build(in directory: TemporaryDirectory) throws -> String {
        try directory.write(try block("swift") + "\n", to: "hello.swift")
        let command = try block("text").replacing("PREFIX", with: try Example.prefix())
        let result = try run(
            "/bin/bash", ["-euc", command], environment: Example.environment(home: directory.path),
            directory: directory.path,
            within: .seconds(120))
        #expect(result.status == 0, "\(result.output)\n\(result.error)")
        #expect(result.error.isEmpty, "no warnings: \(result.error)")
        return directory.file("hello.so")
    }

    @Test func `exports its identity and its hooks alone, and shares the runtime`() throws {
        let directory = try TemporaryDirectory()
        let object = try build(in: directory)
        let symbols = try run("/usr/bin/nm", ["-D", "--defined-only", "--extern-only", "--format=posix", object])
        let names = symbols.output.split(separator: "\n").compactMap { $0.split(separator: " ").first }
        #expect(names.sorted() == ["talon_plugin_info_1", "talon_when_ready"])
        let dynamic = try run("/usr/bin/readelf", ["--dynamic", "--wide", object]).output
        let needed = dynamic.split(separator: "\n").filter { $0.contains("(NEEDED)") }
        #expect(needed.contains { $0.contains("[libswiftCore.so]") })
        #expect(!needed.contains { $0.contains("Foundation") || $0.contains("dispatch") })
        #expect(dynamic.contains("SYMBOLIC"))
        #expect(!dynamic.contains("RUNPATH") && !dynamic.contains("RPATH"), "it must not find another runtime")
    }

    @Test func `is called by a server`() throws {
        let directory = try applicationDirectory()
        let object = try build(in: directory)
        try serving("app:app", "--plugin", object, in: directory) { server in
            try server.waitForLog("[org.example.hello] hello port=\(server.port)")
        }
    }
}

extension String {
    /// What stands between two texts, the first time.
    fileprivate func components(between start: String, and end: String) -> String? {
        guard let opening = firstRange(of: start),
            let closing = self[opening.upperBound...].firstRange(of: end)
        else { return nil }
        return String(self[opening.upperBound..<closing.lowerBound])
    }
}
