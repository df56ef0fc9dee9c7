import Testing

@testable import TalonMetrics

@Suite struct `Numbers in text` {
    // By the rule of Go's strconv.FormatFloat(value, 'g', -1, 64): shortest digits, exponent below -4 or above 5.
    @Test(
        arguments: [
            (0, "0"), (-0.0, "-0"), (1, "1"), (-1, "-1"), (0.25, "0.25"), (100, "100"), (123_456, "123456"),
            (999_999, "999999"), (1_000_000, "1e+06"), (1_234_567, "1.234567e+06"), (1_234_567.5, "1.2345675e+06"),
            (24_875_008, "2.4875008e+07"), (123_456.789, "123456.789"), (999_999.5, "999999.5"), (0.0001, "0.0001"),
            (0.00001, "1e-05"), (0.000123, "0.000123"), (0.1 + 0.2, "0.30000000000000004"), (1e21, "1e+21"),
            (1e15, "1e+15"), (9_007_199_254_740_992, "9.007199254740992e+15"), (1e16, "1e+16"), (1.5e300, "1.5e+300"),
            (.leastNonzeroMagnitude, "5e-324"), (1.797_693_134_862_315_7e308, "1.7976931348623157e+308"),
            (-24_875_008, "-2.4875008e+07"),
            (-0.5, "-0.5"), (1_700_000_000.5, "1.7000000005e+09"), (.infinity, "+Inf"), (-.infinity, "-Inf"),
            (.nan, "NaN"),
        ] as [(Double, String)])
    func `are written as Go writes them`(value: Double, expected: String) {
        var output: [UInt8] = []
        FloatFormat.appendGo(value, to: &output)
        #expect(String(decoding: output, as: UTF8.self) == expected)
    }

    // Expected values from prometheus_client 0.26: floatToGoString.
    @Test(
        arguments: [
            (0, "0.0"), (0.1, "0.1"), (0.5, "0.5"), (1, "1.0"), (60, "60.0"), (1024, "1024.0"), (262_144, "262144.0"),
            (1_048_576, "1.048576e+06"), (1_000_000, "1e+06"), (0.005, "0.005"), (0.00001, "1e-05"), (1e16, "1e+16"),
            (1.5e16, "1.5e+16"), (-5, "-5.0"), (-10_000_000, "-10000000.0"), (.infinity, "+Inf"), (-.infinity, "-Inf"),
        ] as [(Double, String)])
    func `are written as prometheus_client writes the bounds of buckets`(value: Double, expected: String) {
        #expect(FloatFormat.bound(value) == expected)
    }

    @Test func `read back as the same number`() {
        var generator = SeededGenerator(state: 1)
        for _ in 0..<20_000 {
            let value = Double(bitPattern: generator.next())
            guard value.isFinite else { continue }
            var output: [UInt8] = []
            FloatFormat.appendGo(value, to: &output)
            #expect(Double(String(decoding: output, as: UTF8.self)) == value)
            #expect(Double(FloatFormat.bound(value)) == value)
        }
    }
}
