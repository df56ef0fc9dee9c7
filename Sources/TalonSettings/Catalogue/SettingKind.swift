extension Setting {
    /// What values a setting has.
    package enum Kind: Sendable, Equatable {
        case text
        /// A whole number in a range.
        case number(ClosedRange<Int>)
        /// A whole number in a range, or `auto`.
        case count(ClosedRange<Int>)
        /// Permission bits: octal with a leading 0 or 0o, else decimal, as gunicorn reads them.
        case mode
        /// An option without a value; the value that it sets.
        case flag(sets: Bool)
        /// May be given several times.
        case list
        /// One of some words.
        case choice([String])
        /// One of some words; the option alone, or true in a file, is the word `bare`, and false the first.
        case wordOrFlag([String], bare: String)
        /// An address of `bind`; may be given several times.
        case addresses
        /// `NAME=VALUE`; may be given several times.
        case assignments
        /// Words with commas between them.
        case words
        /// IP addresses and networks with commas between them; `*` is all.
        case networks
        /// Name or number of a user or group.
        case account
        /// A text, or in a file a mapping; may be given several times.
        case documents
        /// Texts by name, in a file only.
        case pairs
        /// Anything by name, in a file only.
        case table
        /// A function of a Python file, or where one is: `MODULE.NAME`.
        case hook
    }
}

extension Setting.Kind {
    package var isFlag: Bool {
        if case .flag = self { true } else { false }
    }

    /// What a value may be, for a message: "use …".
    package var wanted: String {
        switch self {
        case .text: "a text"
        case .number(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .count(let range): "a whole number from \(range.lowerBound) to \(range.upperBound), or auto"
        case .mode: "an octal number from 0 to 0777"
        case .flag: "true or false"
        case .list: "a list of texts"
        case .choice(let words), .wordOrFlag(let words, _): "one of " + words.joined(separator: ", ")
        case .addresses: "HOST:PORT, [V6]:PORT or unix:PATH, or a list of them"
        case .assignments: "a list of NAME=VALUE"
        case .words: "words with commas between them, or a list"
        case .networks: "IP addresses or networks with commas between them, a list, or *"
        case .account: "a name or a number"
        case .documents: "a list of texts or mappings"
        case .pairs: "a mapping of texts"
        case .table: "a mapping"
        case .hook: "a function, or MODULE.NAME"
        }
    }
}
