import TalonYAML

/// The section `files` of a manifest: the digest of each file of a bundle.
enum ManifestFiles {
    static func digests(_ field: YAMLField) throws(YAMLError) -> [String: String] {
        var digests: [String: String] = [:]
        for (path, inner) in try field.mapping(of: "paths to SHA-256 digests") {
            let parts = BundlePath.parts(path)
            guard parts.allSatisfy({ !["", ".", ".."].contains($0) }), path.utf8.count <= 4096 else {
                throw inner.place.error("is no path inside the bundle; write it relative, without . and ..")
            }
            guard !["plugin.yaml", "plugin.sig"].contains(path) else {
                throw inner.place.error("cannot have its digest here; leave it out")
            }
            let digest = try inner.text("the SHA-256 digest of the file")
            guard digest.utf8.count == 64, digest.utf8.allSatisfy(isHexadecimal) else {
                throw inner.place.error("is \(quoted(digest)), which is no SHA-256 digest; write 64 hexadecimal digits")
            }
            digests[path] = digest.lowercased()
        }
        return digests
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }
}

extension PluginManifest {
    /// The same text with a section `files` that names these digests, in place of one that is there; all else stays
    /// byte for byte.
    ///
    /// Of a text that is no block mapping the result is no manifest either, and parsing it says why.
    package static func withFiles(_ original: String, files: [String: String]) -> String {
        var lines = YAMLLines.split(original)
        var section = "files:" + (files.isEmpty ? " {}\n" : "\n")
        for (path, digest) in files.sorted(by: { $0.key < $1.key }) {
            section += "  \(ManifestFiles.doubleQuoted(path)): \(digest)\n"
        }
        let range = ManifestFiles.section(of: original, lines)
        // What follows a last line without an end must not run into it.
        if range.lowerBound > 0, let last = lines[range.lowerBound - 1].unicodeScalars.last,
            !YAMLLines.isEnd(last)
        {
            lines[range.lowerBound - 1] += "\n"
        }
        lines.replaceSubrange(range, with: [section])
        return lines.joined()
    }
}

extension ManifestFiles {
    /// The lines of the section `files` without the blanks and comments behind it; an empty range at the end if there
    /// is none.
    fileprivate static func section(of text: String, _ lines: [String]) -> Range<Int> {
        let none = lines.count..<lines.count
        guard let root = try? YAMLDocument.parse(Array(text.utf8), file: ""),
            case .mapping(let entries) = root.content,
            let index = entries.firstIndex(where: { $0.key == "files" })
        else { return none }
        let start = entries[index].line - 1
        var end = index + 1 < entries.count ? entries[index + 1].line - 1 : lines.count
        guard start < end, end <= lines.count else { return none }
        while end > start + 1, isComment(lines[end - 1]) { end -= 1 }
        return start..<end
    }

    private static func isComment(_ line: String) -> Bool {
        let start = line.drop { $0.isWhitespace }
        return start.isEmpty || start.hasPrefix("#") || line.hasPrefix("...")
    }

    /// As a YAML scalar in double quotes.
    fileprivate static func doubleQuoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\" + String(scalar)
            case _
            where scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) || scalar.value > 0xFFFF
                || [0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF].contains(scalar.value):
                let digits = String(scalar.value, radix: 16)
                quoted += "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
