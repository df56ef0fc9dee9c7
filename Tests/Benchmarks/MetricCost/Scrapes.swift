import TalonMetrics
import TalonPlatform

/// Obeys words on the standard input, one a line, and answers each with a line:
/// `scrape`: NANOSECONDS BYTES KEYS-PARSED-SO-FAR; `page FILE`: writes the page; `retire`: how many files retired.
func serveScrapes(_ folder: String) throws {
    var reader = MetricDirectoryReader(directory: folder)
    let retirement = Retirement(directory: folder, slots: 64)
    while let line = readLine() {
        let command = line.split(separator: " ").map(String.init)
        switch command.first {
        case "scrape":
            let start = MonotonicClock.now()
            let page = TextExposition.render(reader.read().families)
            answer("\(MonotonicClock.now() - start) \(page.count) \(reader.parsedKeys)")
        case "page" where command.count == 2:
            try FileAccess.replace(command[1], with: TextExposition.render(reader.read().families))
            answer("written")
        case "retire":
            var total = 0
            while case let count = try retirement.run(isFree: { _ in false }), count > 0 { total += count }
            answer("\(total)")
        default:
            answer("unknown")
        }
    }
}

private func answer(_ text: String) {
    FileDescriptor.standardOutput.writeAll(Array((text + "\n").utf8))
}
