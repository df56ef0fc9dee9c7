import Glibc
import TalonPlatform

/// The cells of one native histogram.
struct NativeCells: Sendable {
    private let words: MappedWords
    private let layout: NativeLayout

    /// The bounds between two powers of two, as the bits of their mantissas, ascending from that of the lower power.
    private static let bounds = MappedWords.unshared(
        (0..<NativeLayout.bucketsPerPower).map { step in
            exp2(Double(step) / Double(NativeLayout.bucketsPerPower)).bitPattern & mantissa
        })
    private static let mantissa: UInt64 = 1 << 52 - 1
    private let bounds: MappedWords

    init(words: MappedWords, layout: NativeLayout) {
        self.words = words
        self.layout = layout
        bounds = Self.bounds
    }

    /// Counts a finite value: one atomic addition, from any thread.
    func add(_ value: Double) {
        words.add(1, at: place(of: value))
    }

    /// Which word counts `value`.
    private func place(of value: Double) -> Int {
        let bits = value.magnitude.bitPattern
        let fraction = bits & Self.mantissa
        // A bucket's upper bound belongs to it, so count the bounds that the value is above.
        var index = (Int(bits >> 52) - 1023) * NativeLayout.bucketsPerPower
        for step in 0..<NativeLayout.bucketsPerPower where fraction > bounds.load(step) { index += 1 }
        let place = min(index - layout.firstIndex, layout.side - 1)
        guard place >= 0 else { return 0 }
        return 1 + place + (value < 0 ? layout.side : 0)
    }
}
