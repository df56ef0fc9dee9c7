/// What the words of a record mean; in its key, in the place of the sample's name.
///
/// The key is that of the series otherwise: `[family, layout, {labels}, help]`.
enum RecordLayout: Hashable {
    /// `native 3 <lowest> <highest>`: see ``NativeLayout``.
    case native(NativeLayout)
    /// `exemplars <bound>… +Inf`: eight words for each bucket, see ``ExemplarCells``.
    case exemplars(bounds: [Double])

    /// The layout's text, or nil if it is none that this version knows.
    init?(_ text: String) {
        let words = text.split(separator: " ").map(String.init)
        switch words.first {
        case "native":
            guard words.count == 4, words[1] == "\(NativeLayout.schema)", let lowest = Int(words[2]),
                let highest = Int(words[3]), let layout = NativeLayout(lowest: lowest, highest: highest)
            else { return nil }
            self = .native(layout)
        case "exemplars":
            let bounds = words.dropFirst().compactMap(FloatFormat.value(of:))
            guard bounds.count == words.count - 1, bounds.last == .infinity else { return nil }
            self = .exemplars(bounds: bounds)
        default: return nil
        }
    }

    var text: String {
        switch self {
        case .native(let layout): "native \(NativeLayout.schema) \(layout.lowest) \(layout.highest)"
        case .exemplars(let bounds): "exemplars " + bounds.map(FloatFormat.bound).joined(separator: " ")
        }
    }

    /// How many words it takes.
    var wordCount: Int {
        switch self {
        case .native(let layout): layout.wordCount
        case .exemplars(let bounds): bounds.count * ExemplarCells.wordCount
        }
    }
}
