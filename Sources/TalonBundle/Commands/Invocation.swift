import Glibc
import TalonPlatform

/// A command with what it was given.
struct Invocation: Sendable {
    /// "" for a command without one.
    let operand: String
    private let values: [String: [String]]

    /// Reads the words after the command's name: `--name value`, `--name=value`, `-n value`, `-nvalue`, and `--` before
    /// an operand that only looks like an option.
    init(_ words: [String], of command: Command) throws(ToolFailure) {
        var rest = words[...]
        var operands: [String] = []
        var values: [String: [String]] = [:]
        while let word = rest.popFirst() {
            if word == "--" {
                operands += rest
                break
            }
            guard word.hasPrefix("-"), word.count > 1 else {
                operands.append(word)
                continue
            }
            let (flag, attached) = Invocation.split(word)
            guard let option = command.options.first(where: { $0.flags.contains(flag) }) else {
                throw .usage("unknown option \(flag); talon plugin \(command.name) --help lists the options")
            }
            let value: String
            if option.placeholder == nil {
                guard attached == nil else { throw .usage("option \(flag) takes no value") }
                value = ""
            } else {
                guard let text = attached ?? rest.popFirst() else { throw .usage("option \(flag) needs a value") }
                guard option.choices.isEmpty || option.choices.contains(text) else {
                    throw .usage("option \(flag) is \(text); it can be \(option.choices.joined(separator: ", "))")
                }
                value = text
            }
            guard values[option.name] == nil || option.isRepeatable || option.placeholder == nil else {
                throw .usage("option \(flag) is given twice")
            }
            values[option.name, default: []].append(value)
        }
        for name in command.required where values[name] == nil { throw .usage("option \(name) is missing") }
        if let operand = command.operand {
            guard let first = operands.first else { throw .usage("\(operand) is missing") }
            guard operands.count == 1, !first.isEmpty else {
                throw .usage("one \(operand) is taken, and these are given: \(operands.joined(separator: " "))")
            }
        } else if let stray = operands.first {
            throw .usage("\(stray) is not expected")
        }
        operand = operands.first ?? ""
        self.values = values
    }

    private static func split(_ word: String) -> (flag: String, attached: String?) {
        if word.hasPrefix("--") {
            guard let equals = word.firstIndex(of: "=") else { return (word, nil) }
            return (String(word[..<equals]), String(word[word.index(after: equals)...]))
        }
        return word.count == 2 ? (word, nil) : (String(word.prefix(2)), String(word.dropFirst(2)))
    }

    func has(_ option: String) -> Bool { values[option] != nil }

    func text(_ option: String) -> String? { values[option]?.last }

    func texts(_ option: String) -> [String] { values[option] ?? [] }

    /// A whole number within `range`.
    func number(_ option: String, in range: ClosedRange<Int>, default standard: Int) throws(ToolFailure) -> Int {
        guard let text = text(option) else { return standard }
        guard let number = Int(text), range.contains(number) else {
            throw .usage(
                "option \(option) is \(text); it can be a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }
}

/// The distribution that this program is part of.
enum Home {
    /// `PREFIX/lib/talon`, by the place of the running program, `PREFIX/lib/talon/bin/talon-plugin`.
    static func path() throws(ToolFailure) -> String {
        try program().split(separator: "/").dropLast(2).reduce("") { "\($0)/\($1)" }
    }

    /// The running program.
    static func program() throws(ToolFailure) -> String {
        guard let path = ThisProcess.executablePath else {
            throw ToolFailure("/proc is not mounted, and Talon needs it")
        }
        return path
    }
}

extension String {
    /// The path with the current directory before it, without "." and "//".
    var absolutePath: String {
        let path = hasPrefix("/") ? self : "\(ThisProcess.directory ?? "")/\(self)"
        return "/" + path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    }
}
