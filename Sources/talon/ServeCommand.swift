import TalonMaster
import TalonPlatform
import TalonSettings

/// `talon [OPTIONS] [APP_MODULE]`: serves.
enum ServeCommand {
    /// Runs until the server has stopped. Returns the exit status.
    static func run(_ words: [String]) -> Int32 {
        var detachment: Detachment?
        do {
            let directory = ThisProcess.directory ?? "/"
            if try answer(ParsedCommandLine(words)) { return 0 }
            let configuration = try Configuration(words, in: directory)
            let status = try serve(configuration, in: directory, &detachment)
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

    /// `--help` and `--version`.
    private static func answer(_ line: ParsedCommandLine) -> Bool {
        guard line.wantsHelp || line.wantsVersion else { return false }
        let text = line.wantsHelp ? HelpText.full : "talon (version \(TalonVersion.text))\n"
        FileDescriptor.standardOutput.writeAll(Array(text.utf8))
        return true
    }

    private static func serve(
        _ configuration: Configuration, in startDirectory: String, _ detachment: inout Detachment?
    ) throws -> Int32 {
        var layer = try configuration.read()
        let named = configuration.sources.commandLine.positional.first ?? layer["wsgi_app"]?.description
        guard let application = named else {
            throw SettingsError(code: .value, message: "No application module specified.")
        }
        if let directory = layer["chdir"] {
            do {
                try ThisProcess.changeDirectory(to: directory.description)
            } catch {
                throw StartError("talon: --chdir: \(error)", status: 1)
            }
        }
        settle(&layer)
        let settings = try ServerSettings(layer)
        if settings.printsSettings {
            FileDescriptor.standardOutput.writeAll(Array(SettingsListing(layer).text.utf8))
        }
        // A second master is started by a daemon, and is one.
        if settings.isDaemon, !settings.checksOnly, ThisProcess.environment("GUNICORN_FD") == nil {
            detachment = try .begin(keepingStreams: settings.keepsStreams)
        }
        let syslog = try syslog(settings.syslog(name: application))
        let log: ErrorLog
        do {
            let file = try LogFile.open(
                settings.errorLog, standard: .standardError, captures: settings.capturesOutput)
            log = ErrorLog(file: file, level: settings.logLevel, syslog: syslog).counted(by: try settings.statsD())
        } catch {
            throw StartError("talon: --error-logfile: \(error)", status: 1)
        }
        if settings.isDaemon, ThisProcess.environment("NOTIFY_SOCKET") != nil {
            log.warning("-D/--daemon under a service manager: it watches the process that has ended; leave -D out")
        }
        if settings.lacksTLSForHTTP2 {
            log.warning("http_protocols has h2, which is spoken by TLS only; set certfile, or clients get HTTP/1.1")
        }
        configuration.tell(layer, log)
        let master = try Master(
            settings, application: application, directory: startDirectory, log: log, detachment: detachment
        ) {
            var layer = try configuration.read()
            settle(&layer)
            return layer
        }
        return try settings.checksOnly ? master.check() : master.run()
    }

    private static func syslog(_ settings: SyslogSettings?) throws(StartError) -> Syslog? {
        do {
            return try settings?.open("error")
        } catch {
            throw StartError("talon: --log-syslog-to: \(error)", status: 1)
        }
    }

    /// What is read again by children is absolute from here on.
    private static func settle(_ layer: inout SettingsLayer) {
        if let directory = ThisProcess.directory { layer.settle(.text(directory), "chdir") }
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
