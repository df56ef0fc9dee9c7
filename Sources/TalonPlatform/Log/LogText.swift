/// Texts from plugins and clients, made fit for one line of a log.
package enum LogText {
    /// Control characters as `\\xHH`: a text must not be able to forge another record.
    package static func oneLine(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) else { return text }
        var line = ""
        for scalar in text.unicodeScalars {
            if scalar.value < 0x20 || scalar.value == 0x7f {
                let digits = String(scalar.value, radix: 16)
                line += "\\x" + (digits.count == 1 ? "0" : "") + digits
            } else {
                line.unicodeScalars.append(scalar)
            }
        }
        return line
    }
}
