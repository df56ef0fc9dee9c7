/// Numbers as the Prometheus world writes them.
enum FloatFormat {
    /// Appends `value` as Go's `strconv.FormatFloat(value, 'g', -1, 64)` does: the fewest digits that read back as the
    /// same number, with an exponent when it is below -4 or above 5; `+Inf`, `-Inf`, `NaN`.
    static func appendGo(_ value: Double, to output: inout [UInt8]) {
        guard let number = DecimalDigits(value) else {
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
        guard let number = DecimalDigits(value) else { return special(value) }
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
}
