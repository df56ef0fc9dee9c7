import Testing

@testable import TalonBundle

@Suite struct `Digests that are put into a manifest` {
    private static let digest = String(repeating: "ab", count: 32)
    private static let section = "files:\n  \"lib/a.so\": \(digest)\n"

    private func with(_ text: String) -> String { PluginManifest.withFiles(text, files: ["lib/a.so": Self.digest]) }

    @Test(arguments: [
        // None before.
        (Sample.head, Sample.head + section),
        ("a: 1", "a: 1\n" + section),
        ("a: 1\r\nb: 2\r\n", "a: 1\r\nb: 2\r\n" + section),
        // One before: at the end, in the middle, as a flow mapping, empty.
        ("a: 1\nfiles:\n  x: y\n", "a: 1\n" + section),
        ("a: 1\nfiles:\n  x: y", "a: 1\n" + section),
        ("a: 1\nfiles:\n  x: y\n\n# About b.\nb: 2\n", "a: 1\n" + section + "\n# About b.\nb: 2\n"),
        ("files: {x: y,\n  z: w}\n# end\nb: 2\n", section + "# end\nb: 2\n"),
        ("\"files\":\nb: 2\n", section + "b: 2\n"),
        // Something that only looks like one.
        ("a: |\n  files:\n    x\nb: \"\n  files: 1\"\n", "a: |\n  files:\n    x\nb: \"\n  files: 1\"\n" + section),
        ("c:\n  files: 1\n", "c:\n  files: 1\n" + section),
        // Lines that end in other ways.
        ("a: \"x\u{2028} y\"\nfiles:\nb: 1\n", "a: \"x\u{2028} y\"\n" + section + "b: 1\n"),
    ])
    func `replace those that are there and touch nothing else`(before: String, after: String) {
        #expect(Array(with(before).utf8) == Array(after.utf8))
    }

    @Test func `are read back, whatever the names of the files`() throws {
        let names = ["a b", "ü", "a\"b", "a\\b", "#x", "a: b", "-", "tab\tx", "\u{85}\u{2028}", "😀", "null", "*x"]
        let files = Dictionary(uniqueKeysWithValues: names.map { ($0, Self.digest) })
        let text = PluginManifest.withFiles(Sample.full, files: files)
        #expect(try Sample.parse(text).files == files)
        #expect(PluginManifest.withFiles(text, files: files) == text)
        #expect(text.hasPrefix(String(Sample.full.prefix { $0 != "f" })))
    }

    @Test func `may be none`() throws {
        #expect(try Sample.parse(PluginManifest.withFiles(Sample.head, files: [:])).files == [:])
    }
}
