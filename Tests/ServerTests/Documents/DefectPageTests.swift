import TalonTesting
import Testing

@Suite struct `The page of defects` {
    private static let references: [(path: String, test: String)] =
        (Files.text("\(Repository.root)/docs/metrics-defects.md") ?? "").matches(of: #/`(Tests/[^`]+)`: ([^|.]+)/#).map
    {
        (String($0.output.1), $0.output.2.trimmingSpaces)
    }

    @Test func `names tests that there are`() {
        #expect(Self.references.count > 25)
        for (path, test) in Self.references {
            let source = Files.text("\(Repository.root)/\(path)") ?? ""
            #expect(source.contains(test), "\(path) has no test \(test.debugDescription)")
        }
    }

    @Test(arguments: 1...33) func `leaves none out`(number: Int) throws {
        let page = try #require(Files.text("\(Repository.root)/docs/metrics-defects.md"))
        let listed = page.matches(of: #/(?m)^\| D(\d+)(?: to D(\d+))? \|/#).contains { match in
            guard let first = Int(match.output.1) else { return false }
            return (first...(match.output.2.flatMap { Int($0) } ?? first)).contains(number)
        }
        #expect(listed, "D\(number)")
    }
}

extension Substring {
    fileprivate var trimmingSpaces: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
