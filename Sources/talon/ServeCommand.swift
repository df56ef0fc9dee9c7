import TalonMaster
import TalonPlatform
import TalonSettings

/// `talon [OPTIONS] [APP_MODULE]`: serves.
enum ServeCommand {
    /// Runs until the server has stopped. Returns the exit status.
    static func run(_ words: [String]) -> Int32 {
        var detachment: Detachment?
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
            let status = try serve(line, &detachment)
            detachment?.end(
                status: status,
                message: "talon: the server has ended before it served; its log says why (--error-logfile, or -R)")
            return status
        } catch let error as SettingsError {
            let usage = error.code == .usage ? HelpText.usage + "\n" : ""
            return fail("\(usage)talon: error: \(error.message)", error.status, detachment)
        } catch let error as StartError {
            return fail(error.description, error.status, detachment)
        } catch {
            return fail("talon: \(error)", 1, detachment)
        }
    }

    private static func serve(_ line: ParsedCommandLine, _ detachment: inout Detachment?) throws -> Int32 {
        let environment = try SettingsLayer.environment { ThisProcess.environment($0) }
        var layer = SettingsLayer.defaults
        layer.override(with: environment)
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
        if settings.printsSettings {
            let listing = SettingsListing(layer, commandLine: line.layer, environment: environment)
            FileDescriptor.standardOutput.writeAll(Array(listing.text.utf8))
        }
        // A second master is started by a daemon, and is one.
        if settings.isDaemon, !settings.checksOnly, ThisProcess.environment("GUNICORN_FD") == nil {
            detachment = try .begin(keepingStreams: settings.keepsStreams)
        }
        let log: ErrorLog
        do {
            log = ErrorLog(
                file: try .open(settings.errorLog, standard: .standardError), level: settings.logLevel)
        } catch {
            throw StartError("talon: --error-logfile: \(error)", status: 1)
        }
        if settings.isDaemon, ThisProcess.environment("NOTIFY_SOCKET") != nil {
            log.warning("-D/--daemon under a service manager: it watches the process that has ended; leave -D out")
        }
        let master = try Master(
            settings, application: application, directory: startDirectory, log: log, detachment: detachment)
        return try settings.checksOnly ? master.check() : master.run()
    }

    private static func fail(_ message: String, _ status: Int32, _ detachment: Detachment?) -> Int32 {
        if let detachment {
            detachment.end(status: status, message: message)
            return status
        }
        FileDescriptor.standardError.writeAll(Array("\(message)\n".utf8))
        return status
    }
}
