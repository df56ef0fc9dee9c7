import Glibc
import TalonPlatform

/// A table for ``NativeCells``, made once and never freed.
///
/// `@unchecked Sendable`: nothing in it changes.
private struct MantissaBounds: @unchecked Sendable {
    static let mantissa: UInt64 = (1 << 52) - 1
    static let shared = MantissaBounds()
    let words: UnsafePointer<UInt64>

    private init() {
        let block = UnsafeMutablePointer<UInt64>.allocate(capacity: NativeLayout.bucketsPerPower)
        for step in 0..<NativeLayout.bucketsPerPower {
            let bound = exp2(Double(step) / Double(NativeLayout.bucketsPerPower))
            (block + step).initialize(to: bound.bitPattern & Self.mantissa)
        }
        words = UnsafePointer(block)
    }
}

/// The cells of one native histogram.
struct NativeCells: Sendable {
    private let words: MappedWords
    private let layout: NativeLayout

    /// The bounds between two powers of two, as the bits of their mantissas, ascending from that of the lower power.
    private let bounds: MantissaBounds

    init(words: MappedWords, layout: NativeLayout) {
        self.words = words
        self.layout = layout
        bounds = .shared
    }

    /// Counts a finite value: one atomic addition, from any thread.
    func add(_ value: Double) {
        words.add(1, at: place(of: value))
    }

    /// Which word counts `value`.
    private func place(of value: Double) -> Int {
        let bits = value.magnitude.bitPattern
        let fraction = bits & MantissaBounds.mantissa
        // A bucket's upper bound belongs to it, so count the bounds that the value is above.
        var index = (Int(bits >> 52) - 1023) * NativeLayout.bucketsPerPower
        for step in 0..<NativeLayout.bucketsPerPower {
            index += fraction > bounds.words[step] ? 1 : 0
        }
        let place = min(index - layout.firstIndex, layout.side - 1)
        guard place >= 0 else { return 0 }
        return 1 + place + (value < 0 ? layout.side : 0)
    }
}
