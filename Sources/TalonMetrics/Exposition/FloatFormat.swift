/// Numbers as the Prometheus world writes them.
enum FloatFormat {
    /// Appends `value` as Go's `strconv.FormatFloat(value, 'g', -1, 64)` does: the fewest digits that read back as the
    /// same number, with an exponent when it is below -4 or above 5; `+Inf`, `-Inf`, `NaN`.
    static func appendGo(_ value: Double, to output: inout [UInt8]) {
        // Most values are small whole numbers; -0 is not among them, it has its own spelling.
        if value > -1_000_000, value < 1_000_000, value != 0 || value.sign == .plus,
            value == value.rounded(.towardZero)
        {
            output.append(contentsOf: String(Int(value)).utf8)
            return
        }
        guard let number = Decimal(value) else {
            output.append(contentsOf: special(value).utf8)
            return
        }
        if number.exponent < -4 || number.exponent >= 6 {
            number.appendScientific(to: &output)
        } else {
            number.appendPlain(to: &output)
        }
    }

    /// The text of a bucket's bound in a `le` label, as prometheus_client writes it: whole numbers keep `.0`.
    ///
    /// It must match to the letter. A file that one of us takes over from the other is searched by this text, and
    /// dashboards select `le="1.0"`, which is also what Prometheus 3 makes of every bound.
    static func bound(_ value: Double) -> String {
        guard let number = Decimal(value) else { return special(value) }
        var output: [UInt8] = []
        let ceiling = number.isNegative ? 16 : 6
        if number.exponent < -4 || number.exponent >= ceiling {
            number.appendScientific(to: &output)
        } else {
            number.appendPlain(to: &output)
            if number.isWhole { output.append(contentsOf: ".0".utf8) }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// The number that a bound's text means; nil for what is none.
    static func value(of bound: String) -> Double? {
        switch bound {
        case "+Inf": .infinity
        case "-Inf": -.infinity
        default: Double(bound).flatMap { $0.isNaN ? nil : $0 }
        }
    }

    private static func special(_ value: Double) -> String {
        value.isNaN ? "NaN" : value < 0 ? "-Inf" : "+Inf"
    }

    /// The shortest decimal digits of a finite number: `0.d1d2d3… × 10^point`.
    private struct Decimal {
        let isNegative: Bool
        private(set) var digits: [UInt8] = []
        private(set) var point = 0

        /// The exponent in the form `d.ddd × 10^exponent`.
        var exponent: Int { point - 1 }
        var isWhole: Bool { digits.count <= point }

        /// Nil for infinities and NaN.
        ///
        /// Swift's own description has the shortest digits already, in another layout.
        init?(_ value: Double) {
            guard value.isFinite else { return nil }
            isNegative = value.sign == .minus
            var seenPoint = false
            var written = 0
            var power = 0
            let text = value.magnitude.description.utf8
            scan: for (offset, byte) in text.enumerated() {
                switch byte {
                case UInt8(ascii: "."):
                    seenPoint = true
                case UInt8(ascii: "0")...UInt8(ascii: "9"):
                    digits.append(byte)
                    if !seenPoint { written += 1 }
                default:
                    power = Int(String(decoding: text.dropFirst(offset + 1), as: UTF8.self)) ?? 0
                    break scan
                }
            }
            let leading = digits.prefix { $0 == UInt8(ascii: "0") }.count
            digits.removeFirst(leading)
            while digits.last == UInt8(ascii: "0") { digits.removeLast() }
            point = written - leading + power
            if digits.isEmpty {
                digits = [UInt8(ascii: "0")]
                point = 1
            }
        }

        func appendPlain(to output: inout [UInt8]) {
            if isNegative { output.append(UInt8(ascii: "-")) }
            let zero = UInt8(ascii: "0")
            if point <= 0 {
                output.append(zero)
            } else {
                output.append(contentsOf: digits.prefix(point))
                output.append(contentsOf: repeatElement(zero, count: max(point - digits.count, 0)))
            }
            guard !isWhole else { return }
            output.append(UInt8(ascii: "."))
            output.append(contentsOf: repeatElement(zero, count: max(-point, 0)))
            output.append(contentsOf: digits.dropFirst(max(point, 0)))
        }

        func appendScientific(to output: inout [UInt8]) {
            if isNegative { output.append(UInt8(ascii: "-")) }
            output.append(digits[0])
            if digits.count > 1 {
                output.append(UInt8(ascii: "."))
                output.append(contentsOf: digits.dropFirst())
            }
            output.append(UInt8(ascii: "e"))
            output.append(UInt8(ascii: exponent < 0 ? "-" : "+"))
            if exponent.magnitude < 10 { output.append(UInt8(ascii: "0")) }
            output.append(contentsOf: String(exponent.magnitude).utf8)
        }
    }
}
