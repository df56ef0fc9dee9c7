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

    /// For a place between quotation marks, as access logs have it: those and backslashes with a backslash, and what is
    /// no printable ASCII as `\\xHH` of its bytes.
    package static func quoted(_ text: String) -> String {
        var line: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): line += [UInt8(ascii: "\\"), byte]
            case 0x20...0x7e: line.append(byte)
            default:
                let digits = String(byte, radix: 16)
                line += Array(("\\x" + (digits.utf8.count == 1 ? "0" : "") + digits).utf8)
            }
        }
        return String(decoding: line, as: UTF8.self)
    }
}
