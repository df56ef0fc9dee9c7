import TalonMaster
import TalonPlatform
import TalonSettings

/// `talon [OPTIONS] [APP_MODULE]`: serves.
enum ServeCommand {
    /// Runs until the server has stopped. Returns the exit status.
    static func run(_ words: [String]) -> Int32 {
        do {
            let line = try ParsedCommandLine(words)
            if line.wantsHelp {
                FileDescriptor.standardOutput.writeAll(Array(HelpText.full.utf8))
                return 0
            }
            if line.wantsVersion {
                FileDescriptor.standardOutput.writeAll(Array("talon (version \(TalonVersion.text))\n".utf8))
                return 0
            }
            return try serve(line)
        } catch let error as SettingsError {
            let usage = error.code == .usage ? HelpText.usage + "\n" : ""
            return fail("\(usage)talon: error: \(error.message)", error.status)
        } catch let error as StartError {
            return fail(error.description, error.status)
        } catch {
            return fail("talon: \(error)", 1)
        }
    }

    private static func serve(_ line: ParsedCommandLine) throws -> Int32 {
        var layer = SettingsLayer.defaults
        layer.override(with: try .environment { ThisProcess.environment($0) })
        layer.override(with: line.layer)
        guard let application = line.positional.first else {
            throw SettingsError(code: .value, message: "No application module specified.")
        }
        let startDirectory = ThisProcess.directory ?? "/"
        if let directory = layer["chdir"] {
            do {
                try ThisProcess.changeDirectory(to: directory.description)
            } catch {
                throw StartError("talon: --chdir: \(error)", status: 1)
            }
        }
        // From here on it is absolute, for children read it again.
        if let directory = ThisProcess.directory { layer.add(.text(directory), to: "chdir") }
        let settings = try ServerSettings(layer)
        let log: ErrorLog
        do {
            log = ErrorLog(
                file: try .open(settings.errorLog, standard: .standardError), level: settings.logLevel)
        } catch {
            throw StartError("talon: --error-logfile: \(error)", status: 1)
        }
        return try Master(settings, application: application, directory: startDirectory, log: log).run()
    }

    private static func fail(_ message: String, _ status: Int32) -> Int32 {
        FileDescriptor.standardError.writeAll(Array("\(message)\n".utf8))
        return status
    }
}
