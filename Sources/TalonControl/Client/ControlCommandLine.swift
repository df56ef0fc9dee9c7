import TalonPlatform
import TalonSettings

/// `talon ctl [OPTIONS] COMMAND [OPERAND]`.
struct ControlCommandLine {
    /// Where the server's socket is; nil if there is no usual place and none was named.
    var socket = UserFolders.controlSocket
    var isJSON = false
    var isQuick = false
    var wantsHelp = false
    /// Seconds.
    var timeout: Int?
    var command = ""
    var operand: String?

    /// Throws a sentence.
    init(_ words: [String]) throws(ControlProblem) {
        var rest = words[...]
        var positional: [String] = []
        while let word = rest.popFirst() {
            switch word {
            case "-h", "--help": wantsHelp = true
            case "--json", "-j": isJSON = true
            case "--quick": isQuick = true
            case "-s", "--socket": socket = try Self.value(of: word, from: &rest)
            case "--timeout":
                guard let seconds = Int(try Self.value(of: word, from: &rest)), (1...86400).contains(seconds) else {
                    throw ControlProblem("--timeout: use 1 to 86400 seconds")
                }
                timeout = seconds
            case _ where word.hasPrefix("-") && word.count > 1:
                throw ControlProblem("unrecognized arguments: \(word)")
            default: positional.append(word)
            }
        }
        if wantsHelp { return }
        guard let name = positional.first, let entry = ControlTool.commands.first(where: { $0.name == name }) else {
            throw ControlProblem(
                "\(positional.first.map { "\($0.debugDescription) is no command" } ?? "no command"); use one of "
                    + ControlTool.commands.map(\.name).joined(separator: ", "))
        }
        command = name
        operand = positional.dropFirst().first
        guard positional.count <= (entry.operand == nil ? 1 : 2) else {
            throw ControlProblem("unrecognized arguments: \(positional.dropFirst().joined(separator: " "))")
        }
        guard operand != nil || entry.operand?.hasPrefix("[") != false else {
            throw ControlProblem("\(name): \(entry.operand ?? "") is missing")
        }
        guard !isQuick || name == "stop" else { throw ControlProblem("--quick is for stop only") }
        if ["add", "remove"].contains(name), let operand, Int(operand).map({ (1...4096).contains($0) }) != true {
            throw ControlProblem("\(name): \(operand.debugDescription) is no number of workers; use 1 to 4096")
        }
    }

    private static func value(of option: String, from rest: inout ArraySlice<String>) throws(ControlProblem) -> String {
        guard let value = rest.popFirst(), !value.isEmpty else {
            throw ControlProblem("argument \(option): expected one argument")
        }
        return value
    }
}
