/// One setting: everything that is known about it, said once.
///
/// The command line, `--help`, the environment, validation and the settings page are made from it.
package struct Setting: Sendable {
    /// gunicorn's name, or ours where gunicorn has none.
    package let name: String
    /// Options of the command line, the short one first. Empty: not on the command line.
    package let flags: [String]
    package let kind: Kind
    /// The value when nobody says anything.
    package let standard: SettingValue?
    /// The environment variable that sets it, if there is one.
    package let variable: String?
    /// What stands for the value in `--help`.
    package let placeholder: String
    /// What it does, with the unit.
    package let help: String

    package enum Kind: Sendable, Equatable {
        case text
        /// A whole number in a range.
        case number(ClosedRange<Int>)
        /// An option without a value; the value that it sets.
        case flag(sets: Bool)
        /// May be given several times.
        case list
        /// One of some words.
        case choice([String])
        /// An address of `bind`; may be given several times.
        case addresses
        /// Bits of a file's mode, octal after a 0: `022`, `0o22`.
        case mask
        /// `NAME=VALUE`; may be given several times.
        case assignments
    }

    init(
        _ name: String, _ flags: [String], _ kind: Kind, default standard: SettingValue? = nil,
        variable: String? = nil, placeholder: String = "", _ help: String
    ) {
        self.name = name
        self.flags = flags
        self.kind = kind
        self.standard = standard
        self.variable = variable
        self.placeholder = placeholder
        self.help = help
    }

    /// "-w/--workers", or the variable, or the name: how messages call it.
    package var title: String {
        flags.isEmpty ? variable ?? name : flags.joined(separator: "/")
    }
}

/// The value of a setting.
package enum SettingValue: Sendable, Equatable {
    case text(String)
    case number(Int)
    case truth(Bool)
    case list([String])
}

extension SettingValue: CustomStringConvertible {
    package var description: String {
        switch self {
        case .text(let text): text
        case .number(let number): String(number)
        case .truth(let truth): truth ? "true" : "false"
        case .list(let items): items.joined(separator: ",")
        }
    }
}
