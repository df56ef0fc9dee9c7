import TalonMaster
import TalonPlatform
import TalonSettings

/// What the user says, and where: the sources of the settings, read at the start and again at each reload.
final class Configuration {
    let sources: SettingsSources
    /// nil: no configuration file.
    let location: ConfigurationLocation?
    /// What the file said when it was read last.
    private(set) var file: ConfigurationFile?
    /// Names in the file that are no settings, with a hint.
    private(set) var unknown: [(entry: ConfigurationFile.Entry, hint: String)] = []
    private let reader: ConfigurationReader
    private var changes = EnvironmentChanges()

    /// `directory` is where talon was started.
    init(_ words: [String], in directory: String) throws {
        sources = try SettingsSources(commandLine: words) { ThisProcess.environment($0) }
        location = try ConfigurationLocation.find(named: sources.config, in: directory)
        reader = ConfigurationReader(try Distribution.find())
    }

    /// Reads the file, makes its changes of the environment, and puts all sources together.
    func read() throws -> SettingsLayer {
        let before = changes
        changes.undo()
        do {
            file = try location.map { place in try reader.read(place, python: sources.python) }
            var unknown: [(entry: ConfigurationFile.Entry, hint: String)] = []
            var layer = try sources.merged(file) { unknown.append(($0, $1)) }
            // Children read it again, from another folder.
            if let location { layer.settle(.text(location.description), "config") }
            changes.make(file?.environment ?? [])
            self.unknown = unknown
            return layer
        } catch {
            before.redo()
            changes = before
            throw error
        }
    }

    /// What the log is told of the settings once.
    func tell(_ layer: SettingsLayer, _ log: ErrorLog) {
        for (entry, hint) in unknown {
            let text = "\(entry.place): \(LogText.oneLine(entry.name)) is no setting"
            hint.isEmpty ? log.debug(text) : log.info(text + hint)
        }
        for note in layer.notes { log.write(note.level, note.text) }
    }
}

/// Changes of the environment that a file has made, and what was there before: a reload begins where the start did.
private struct EnvironmentChanges {
    private var made: [(name: String, old: String?, new: String?)] = []

    mutating func make(_ changes: [(name: String, value: String?)]) {
        made = changes.map { ($0.name, ThisProcess.environment($0.name), $0.value) }
        redo()
    }

    func redo() {
        for change in made { EnvironmentChanges.set(change.name, change.new) }
    }

    mutating func undo() {
        for change in made.reversed() { EnvironmentChanges.set(change.name, change.old) }
        made = []
    }

    private static func set(_ name: String, _ value: String?) {
        if let value { ThisProcess.setEnvironment(name, value) } else { ThisProcess.removeEnvironment(name) }
    }
}
