import Testing

@testable import TalonMetrics

@Suite struct `A native histogram` {
    @Test func `lists its buckets in runs of neighbours and by differences`() {
        let spans = NativeSpans([-3: 2, -2: 5, 0: 1, 1: 1, 7: 4, 9: 0])
        #expect(
            spans.spans == [.init(offset: -3, length: 2), .init(offset: 1, length: 2), .init(offset: 5, length: 1)])
        #expect(spans.deltas == [2, 3, -4, 0, 3])
        #expect(NativeSpans([:]).spans == [])
        #expect(NativeSpans([0: .max, 1: 0, 2: 1]).deltas == [-1, 2], "wraps and does not stop the scrape")
    }

    @Test func `adds what has the same buckets`() {
        var sum = NativeHistogram(schema: 3, zeroExponent: -20, zeroCount: 1, positive: [1: 1, 2: 2], negative: [5: 1])
        sum.add(NativeHistogram(schema: 3, zeroExponent: -20, zeroCount: 2, positive: [2: 3, 9: 4]))
        #expect(
            sum
                == NativeHistogram(
                    schema: 3, zeroExponent: -20, zeroCount: 3, positive: [1: 1, 2: 5, 9: 4], negative: [5: 1]))
        #expect(sum.count == 14)
    }

    @Test func `adds another schema in the coarser one, and keeps each observation above the bound below it`() {
        // Schema 1 has bounds at each half power of two, schema 0 at each whole one.
        let fine = NativeHistogram(
            schema: 1, zeroExponent: -9, positive: [-3: 1, -2: 1, -1: 1, 0: 1, 1: 1, 2: 1, 3: 1])
        let coarse = NativeHistogram(schema: 0, zeroExponent: -9, positive: [0: 10], negative: [1: 1])
        let sum = NativeHistogram(schema: 0, zeroExponent: -9, positive: [-1: 2, 0: 12, 1: 2, 2: 1], negative: [1: 1])
        for (first, second) in [(fine, coarse), (coarse, fine)] {
            var added = first
            added.add(second)
            #expect(added == sum)
        }
    }

    @Test func `takes the wider zero bucket and what then falls into it`() {
        var sum = NativeHistogram(schema: 1, zeroExponent: -3, zeroCount: 1, positive: [-5: 1, -4: 2, -3: 4])
        sum.add(NativeHistogram(schema: 1, zeroExponent: -2, positive: [-3: 8], negative: [0: 1]))
        #expect(
            sum == NativeHistogram(schema: 1, zeroExponent: -2, zeroCount: 4, positive: [-3: 12], negative: [0: 1]))
        #expect(sum.zeroThreshold == 0.25)
    }
}
