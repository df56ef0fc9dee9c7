import TalonTesting
import Testing

/// The blocks that are marked `sh test` in the documents, as a reader would run them.
@Suite(.serialized) struct `The commands of a document` {
    @Test(arguments: ["README.md", "docs/plugins.md", "docs/control.md", "docs/operations.md"])
    func `do what it says, in their order`(document: String) throws {
        let text = try #require(Files.text("\(Repository.root)/\(document)"))
        let blocks = testBlocks(of: text)
        #expect(!blocks.isEmpty)
        // Where talon and `talon ctl` look for each other.
        let session = try TemporaryDirectory()
        let result = try run(
            "/bin/bash", ["-euo", "pipefail", "-c", blocks.joined(separator: "\n")],
            environment: ["PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "XDG_RUNTIME_DIR": session.path],
            directory: Repository.root, within: .seconds(120))
        #expect(result.status == 0, "\(result.output)\n\(result.error)")
    }

    private func testBlocks(of text: String) -> [String] {
        var blocks: [String] = []
        var lines: [Substring]?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line == "```sh test" {
                lines = []
            } else if line == "```", let block = lines {
                blocks.append(block.joined(separator: "\n"))
                lines = nil
            } else {
                lines?.append(line)
            }
        }
        return blocks
    }
}
