import TalonPlatform

/// All that says something of the settings. Lowest to highest: defaults, environment, configuration file,
/// `GUNICORN_CMD_ARGS`, command line.
package struct SettingsSources: Sendable {
    package static let argumentsVariable = "GUNICORN_CMD_ARGS"

    /// Of the process; nil: not set.
    private let lookup: @Sendable (String) -> String?
    private let arguments: ParsedCommandLine
    package let commandLine: ParsedCommandLine

    /// Reads the two command lines. `lookup` is asked for variables again each time they are needed.
    package init(
        commandLine words: [String], environment lookup: @escaping @Sendable (String) -> String?
    ) throws(SettingsError) {
        self.lookup = lookup
        commandLine = try ParsedCommandLine(words)
        arguments = try SettingsSources.arguments(lookup(SettingsSources.argumentsVariable) ?? "")
    }

    private static func arguments(_ text: String) throws(SettingsError) -> ParsedCommandLine {
        do {
            return try ParsedCommandLine(try ShellWords.split(text), from: .arguments)
        } catch let error as SettingsError {
            throw SettingsError(code: .value, message: "\(argumentsVariable): \(error.message)")
        } catch let error as ShellWords.Unfinished {
            throw SettingsError(code: .value, message: "\(argumentsVariable): \(error.reason); close it")
        } catch {
            throw SettingsError(code: .value, message: "\(argumentsVariable): \(error)")
        }
    }

    /// What `-c` says; nil: nothing.
    package var config: String? {
        (commandLine.layer["config"] ?? arguments.layer["config"])?.description
    }

    /// The interpreter that is named before any file is read; nil: none is.
    package var python: String? {
        let named = (commandLine.layer["python"] ?? arguments.layer["python"])?.description
        let variable = Catalogue.setting(named: "python")?.variable
        return named ?? variable.flatMap(lookup).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Everything put together, with what `file` says, if there is one.
    ///
    /// The environment is read as the file has left it: a Python file may set the variables of the exporter.
    package func merged(
        _ file: ConfigurationFile?, unknown: (ConfigurationFile.Entry, _ hint: String) -> Void = { _, _ in }
    ) throws(SettingsError) -> SettingsLayer {
        var changes: [String: String?] = [:]
        for change in file?.environment ?? [] { changes[change.name] = .some(change.value) }
        let author = file?.path ?? "the configuration"
        var layer = SettingsLayer.defaults
        layer.override(
            with: try .environment(
                setBy: { name in changes[name] == nil ? nil : author },
                { name in
                    if let change = changes[name] { return change }
                    return lookup(name)
                }))
        if let file { layer.override(with: try SettingsLayer(of: file, unknown: unknown)) }
        layer.override(with: arguments.layer)
        layer.override(with: commandLine.layer)
        return layer
    }
}
