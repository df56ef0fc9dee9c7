import TalonPlatform

/// A subcommand of `talon plugin`: its words, what they mean, and what it does.
struct Command: Sendable {
    struct Option: Sendable {
        /// "-o", "--output"; the last is its name.
        let flags: [String]
        /// What stands for its value in the help; nil if it has none.
        let placeholder: String?
        let help: String
        /// The only values that it takes; empty: any.
        let choices: [String]
        /// May be given more than once.
        let isRepeatable: Bool

        init(
            _ flags: String..., value placeholder: String? = nil, choices: [String] = [], repeatable: Bool = false,
            help: String
        ) {
            self.flags = flags
            self.placeholder = placeholder
            self.help = help
            self.choices = choices
            isRepeatable = repeatable
        }

        var name: String { flags.last ?? "" }
    }

    let name: String
    /// What stands for the operand in the usage line; nil if there is none.
    let operand: String?
    /// One line of the list of commands.
    let summary: String
    /// More about it, a paragraph each.
    let details: [String]
    let options: [Option]
    /// Options that must be given.
    let required: [String]
    /// When it ends with status 1.
    let failure: String
    let run: @Sendable (Invocation) throws(ToolFailure) -> Report

    init(
        _ name: String, operand: String? = nil, _ summary: String, details: [String] = [], options: [Option] = [],
        required: [String] = [], failure: String, run: @escaping @Sendable (Invocation) throws(ToolFailure) -> Report
    ) {
        self.name = name
        self.operand = operand
        self.summary = summary
        self.details = details
        self.options = options + [Option("--json", help: "Print the result as one line of JSON.")]
        self.required = required
        self.failure = failure
        self.run = run
    }

    /// "talon plugin pack [OPTIONS] FOLDER".
    var usage: String {
        let musts = options.filter { required.contains($0.name) }.map { " \($0.name) \($0.placeholder ?? "")" }
        return "usage: talon plugin \(name)\(musts.joined()) [OPTIONS]\(operand.map { " \($0)" } ?? "")"
    }
}

/// Why a command did not do what it was asked: one sentence.
struct ToolFailure: Error, CustomStringConvertible {
    let description: String
    /// The exit status: 1, or 2 for a wrong command line.
    let status: Int32

    init(_ description: String, status: Int32 = 1) {
        self.description = description
        self.status = status
    }

    static func usage(_ description: String) -> ToolFailure { ToolFailure(description, status: 2) }
}

/// What a command has to say.
struct Report: Sendable {
    /// For people.
    let lines: [String]
    /// For programs; "ok" comes first.
    let fields: [(name: String, value: JSON)]
    /// False ends the program with status 1.
    let isGood: Bool

    init(_ lines: [String], _ fields: [(name: String, value: JSON)] = [], isGood: Bool = true) {
        self.lines = lines
        self.fields = fields
        self.isGood = isGood
    }

    var json: JSON { .object([("ok", .truth(isGood))] + fields) }
}
