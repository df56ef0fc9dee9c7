import TalonTesting
import Testing

/// What the sources write to the error log at info and above.
private enum LoggedTexts {
    static let folders = ["TalonMaster", "TalonWorker", "TalonHooks", "TalonExporter", "TalonPlatform/Log", "talon"]

    /// The fixed parts of each text that is written out where it is logged, in their order.
    static func all() -> [(file: String, parts: [String])] {
        let files = folders.flatMap { sources("\(Repository.root)/Sources/\($0)") }
        return files.flatMap { file in
            let source = Files.text(file) ?? ""
            return source.matches(of: beginning()).map { (file, parts(of: source[$0.range.upperBound...])) }
        }
    }

    private static func sources(_ folder: String) -> [String] {
        Files.names(in: folder).flatMap { name in
            name.hasSuffix(".swift") ? ["\(folder)/\(name)"] : sources("\(folder)/\(name)")
        }
    }

    /// A call up to the quotation mark of its text, which may be on the next line.
    private static func beginning() -> Regex<Substring> {
        #/log\.write\([^"\n]*"|log(?:\.|\(\s*\.)(?:info|warning|error|critical)(?:\(|,)\s*"/#
    }

    /// Of a string literal from behind its quotation mark on, and of those that are added to it: what is between the
    /// interpolations, if it has words.
    private static func parts(of source: Substring) -> [String] {
        var parts: [String] = []
        var part = ""
        var rest = source
        while let character = rest.popFirst() {
            if character == "\\", rest.first == "(" {
                skipParentheses(&rest)
                parts.append(part)
                part = ""
            } else if character == "\\" {
                part.append(rest.popFirst() ?? character)
            } else if character != "\"" {
                part.append(character)
            } else if let sum = rest.prefixMatch(of: #/\s*\+ "/#) {
                rest = rest[sum.range.upperBound...]
            } else {
                break
            }
        }
        parts.append(part)
        return parts.filter { $0.contains(#/[A-Za-z]{2}/#) }
    }

    private static func skipParentheses(_ rest: inout Substring) {
        var depth = 0
        repeat {
            guard let character = rest.popFirst() else { return }
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
        } while depth > 0
    }
}

@Suite struct `The page of operations` {
    @Test func `has every line that the log may have at info and above`() throws {
        let page = try #require(Files.text("\(Repository.root)/docs/operations.md"))
        let texts = LoggedTexts.all()
        #expect(texts.count > 100)
        for (file, parts) in texts {
            for part in parts {
                // What differs beside it is shown in some other way.
                let words = part.split(separator: " ").joined(separator: " ")
                #expect(page.contains(words), "\(file): \(words.debugDescription), of \(parts)")
            }
        }
    }
}
