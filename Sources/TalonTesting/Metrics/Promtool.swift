/// Prometheus' own checks.
package enum Promtool {
    /// Where `make test` puts the programs of Debian's package prometheus.
    package static let path = "/usr/bin:/bin:\(Repository.root)/.build/tools/usr/bin"

    package static func run(_ arguments: [String], input: [UInt8] = []) throws -> CommandResult {
        try TalonTesting.run("/usr/bin/env", ["promtool"] + arguments, environment: ["PATH": path], input: input)
    }

    /// The values that an expression has now in the Prometheus on this port of 127.0.0.1, one for each series; throws when
    /// it cannot be evaluated.
    package static func query(_ expression: String, port: UInt16) throws -> [Double] {
        let result = try run(["query", "instant", "http://127.0.0.1:\(port)", expression])
        guard result.status == 0 else { throw TestFailure("\(expression): \(result.error)") }
        return result.output.split(separator: "\n").compactMap { line in
            line.split(separator: " ").dropLast().last.flatMap { Double($0) }
        }
    }

    /// All that `promtool check metrics` says of a page; nothing if it is right.
    package static func complaints(about page: [UInt8]) throws -> String {
        let check = try run(["check", "metrics"], input: page)
        let text = check.output + check.error
        return check.status == 0 || !text.isEmpty ? text : "status \(check.status)"
    }
}
