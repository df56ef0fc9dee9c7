import Glibc
import TalonPlatform

/// A setting that cannot be used: the process ends with `status`.
package struct SettingsError: Error, Equatable {
    package enum Code: Sendable {
        /// The command line itself is wrong: exit 2, with usage.
        case usage
        /// A value is wrong: exit 1.
        case value
    }
    package let code: Code
    /// One sentence that names the setting, what was found, and what to do.
    package let message: String

    package init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    package var status: Int32 { code == .usage ? 2 : 1 }
}

extension Setting {
    /// Reads a value from text, wherever the text comes from. `source` is named in the error.
    package func value(from text: String, source: String) throws(SettingsError) -> SettingValue {
        func refusal(_ problem: String) -> SettingsError {
            SettingsError(code: .value, message: "\(source): \(problem); use \(kind.wanted)")
        }
        switch kind {
        case .text, .account, .hook:
            return .text(text)
        case .list, .documents:
            return .list([text])
        case .flag:
            return .truth(["true", "1", "yes", "on"].contains(text.lowercased()))
        case .count where text.lowercased() == SettingValue.automatic:
            return .text(SettingValue.automatic)
        case .number(let range), .count(let range):
            guard let number = Int(text) else {
                throw SettingsError(code: .usage, message: "\(source): invalid int value: '\(text)'")
            }
            return try inRange(number, range, source: source)
        case .mode:
            guard let mode = FileMode.value(of: text) else {
                throw SettingsError(code: .usage, message: "\(source): '\(text)' is no file mode; use \(kind.wanted)")
            }
            return .number(mode)
        case .choice(let words), .wordOrFlag(let words, _):
            guard words.contains(text.lowercased()) else {
                throw SettingsError(
                    code: .value,
                    message: "\(source): '\(text)' is none of \(words.joined(separator: ", "))"
                        + NearMiss.hint(text, among: words))
            }
            return .text(text.lowercased())
        case .addresses:
            let parts = Setting.parts(of: text)
            for part in parts where ListenAddress(part) == nil {
                throw SettingsError(
                    code: .value,
                    message: "\(source): '\(part)' is no address; use HOST:PORT, [V6]:PORT or unix:PATH")
            }
            guard !parts.isEmpty else {
                throw SettingsError(code: .value, message: "\(source): empty; use HOST:PORT or unix:PATH")
            }
            return .list(parts)
        case .assignments:
            try requireAssignment(text, source: source)
            return .list([text])
        case .pairs:
            let parts = Setting.parts(of: text)
            for part in parts { try requireAssignment(part, source: source) }
            return .list(parts)
        case .words:
            return .list(Setting.parts(of: text))
        case .networks:
            let parts = Setting.parts(of: text)
            if let wrong = parts.first(where: { $0 != "*" && IPNetwork($0) == nil }) {
                throw refusal("'\(wrong)' is no IP address")
            }
            return .list(parts)
        case .table:
            throw refusal("'\(text)' is no mapping")
        }
    }

    func inRange(_ number: Int, _ range: ClosedRange<Int>, source: String) throws(SettingsError) -> SettingValue {
        guard range.contains(number) else {
            throw SettingsError(
                code: .value,
                message: "\(source): \(number) is out of range; use \(range.lowerBound) to \(range.upperBound)")
        }
        return .number(number)
    }

    func requireAssignment(_ text: String, source: String) throws(SettingsError) {
        guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
            throw SettingsError(code: .value, message: "\(source): '\(text)' is not NAME=VALUE")
        }
    }

    /// What commas stand between.
    static func parts(of text: String) -> [String] {
        text.split(separator: ",").map { $0.trimmed }.filter { !$0.isEmpty }
    }
}

/// Permission bits as gunicorn reads them: decimal, octal after `0` or `0o`, hexadecimal after `0x`.
enum FileMode {
    static func value(of text: String) -> Int? {
        let lower = text.lowercased()
        let number =
            if let digits = lower.dropping(prefix: "0x") {
                Int(digits, radix: 16)
            } else if let digits = lower.dropping(prefix: "0o") {
                Int(digits, radix: 8)
            } else {
                Int(lower, radix: lower.hasPrefix("0") ? 8 : 10)
            }
        return number.flatMap { (0...0o777).contains($0) ? $0 : nil }
    }
}
