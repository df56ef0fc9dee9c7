/// Prometheus' own checks.
package enum Promtool {
    /// Where `make test` puts the programs of Debian's package prometheus.
    package static let path = "/usr/bin:/bin:\(Repository.root)/.build/tools/usr/bin"

    package static func run(_ arguments: [String], input: [UInt8] = []) throws -> CommandResult {
        try TalonTesting.run("/usr/bin/env", ["promtool"] + arguments, environment: ["PATH": path], input: input)
    }

    /// All that `promtool check metrics` says of a page; nothing if it is right.
    package static func complaints(about page: [UInt8]) throws -> String {
        let check = try run(["check", "metrics"], input: page)
        let text = check.output + check.error
        return check.status == 0 || !text.isEmpty ? text : "status \(check.status)"
    }
}
