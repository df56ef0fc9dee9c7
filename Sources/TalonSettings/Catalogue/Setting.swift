/// One setting: everything that is known about it, said once.
///
/// The command line, `--help`, the environment, files, validation, the schema and the settings page are made from it.
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
    /// How far it does what its name says.
    package let support: Support
    /// Its value is shown to nobody.
    package let isSecret: Bool
    /// Values that are as good as the default.
    let alike: [String]
    /// What it does, with the unit.
    package let help: String

    package enum Support: Sendable, Equatable {
        /// As gunicorn, or as documented where gunicorn has no such setting.
        case full
        /// More than gunicorn's: what.
        case better(String)
        /// Accepted, and has no effect yet.
        case later
        /// Accepted, and never has an effect: why.
        case ignored(String)
        /// Accepted, and the server is less without it than the user thinks: what is missing.
        case missing(String)
    }

    init(
        _ name: String, _ flags: [String], _ kind: Kind, default standard: SettingValue? = nil,
        variable: String? = nil, placeholder: String = "", support: Support = .full, isSecret: Bool = false,
        alike: [String] = [], _ help: String
    ) {
        self.name = name
        self.flags = flags
        self.kind = kind
        self.standard = standard
        self.variable = variable
        self.placeholder = placeholder
        self.support = support
        self.isSecret = isSecret
        self.alike = alike
        self.help = help
    }

    /// It means what the default means.
    func isStandard(_ value: SettingValue) -> Bool {
        value == standard || alike.contains(value.description)
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

    /// The word of ``Setting/Kind/count(_:)``.
    static let automatic = "auto"
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
