import TalonTesting

extension TemporaryDirectory {
    /// An application that notes each of its imports in a file, and answers with a text and who answers.
    func writeSeeded(answering text: String = "hello", preamble: String = "") throws {
        try writeApplication(
            answering: text,
            preamble: """
                import os
                with open(os.path.join("\(path)", "imports"), "a") as file: file.write(f"{os.getpid()}\\n")
                \(preamble)
                """)
    }

    /// The processes that have imported it.
    var imports: [Int32] { lines("imports").compactMap { Int32($0) } }
}

extension TalonServer {
    /// The one seed; throws when there is not just one.
    func seed() throws -> ProcessEntry {
        let found = children(.seed)
        guard found.count == 1 else { throw TestFailure("\(found.count) seeds instead of 1") }
        return found[0]
    }

    /// Waits until there are so many workers that serve, none of them one of `before`.
    func waitForOthers(than before: Set<Int32>, count: Int) throws {
        try eventually("\(count) workers serve that are none of \(before); now \(workerPids())") {
            let workers = workers()
            return workers.count == count && workers.allSatisfy { !before.contains($0.pid) && $0.catches(15) }
        }
    }
}
