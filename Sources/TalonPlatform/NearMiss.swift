/// What a misspelt word was probably meant to be.
package enum NearMiss {
    /// The end of a sentence: ": did you mean 'isolation'?", or `help` if no word is near.
    package static func hint(_ word: String, among words: [String], else help: String = "") -> String {
        nearest(to: word, among: words).map { ": did you mean '\($0)'?" } ?? help
    }

    /// The first of the nearest words; nil if more than a third of the word would have to change.
    private static func nearest(to word: String, among words: [String]) -> String? {
        let typed = letters(word)
        // Longer than any word that we know: no near miss, and not worth the work.
        guard typed.count <= 40 else { return nil }
        var best: (word: String, distance: Int)?
        for candidate in words {
            let wanted = letters(candidate)
            let distance = distance(typed, wanted)
            guard distance <= max(1, max(typed.count, wanted.count) / 3), distance < best?.distance ?? .max else {
                continue
            }
            best = (candidate, distance)
        }
        return best?.word
    }

    /// '-' for '_' and capital letters are no difference.
    private static func letters(_ word: String) -> [UInt8] {
        word.utf8.prefix(41).map { byte in
            switch byte {
            case UInt8(ascii: "-"): UInt8(ascii: "_")
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
            default: byte
            }
        }
    }

    /// Levenshtein's: how many letters must be put in, left out or changed.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (index, letter) in left.enumerated() {
            var diagonal = index
            row[0] = index + 1
            for (column, other) in right.enumerated() {
                let above = row[column + 1]
                row[column + 1] = min(row[column] + 1, above + 1, diagonal + (letter == other ? 0 : 1))
                diagonal = above
            }
        }
        return row[right.count]
    }
}
