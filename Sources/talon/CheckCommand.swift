import TalonMaster
import TalonPlatform
import TalonSettings

/// `talon check [OPTIONS] [APP_MODULE]`: says of each setting what becomes of it here.
enum CheckCommand {
    /// Returns 0 if all is supported, 1 if something is not.
    static func run(_ words: [String]) -> Int32 {
        do {
            let configuration = try Configuration(words, in: ThisProcess.directory ?? "/")
            let report = try report(on: configuration)
            FileDescriptor.standardOutput.writeAll(Array(report.text.utf8))
            return report.isSupported ? 0 : 1
        } catch {
            return Configuration.fail("talon check", error)
        }
    }

    /// What only files can say.
    private static func check(_ settings: ServerSettings, _ report: inout SettingsReport) throws {
        if let folder = settings["chdir"] { try ThisProcess.changeDirectory(to: folder.description) }
        if let problem = try ProtectionInspection.problem(ofSockets: settings) { report.addFailure(problem) }
    }

    private static func report(on configuration: Configuration) throws -> SettingsReport {
        do {
            let layer = try configuration.read()
            var report = SettingsReport(configuration.file ?? ConfigurationFile(), in: layer)
            let settings: ServerSettings
            do {
                settings = try ServerSettings(layer)
            } catch {
                if report.isSupported { report.addFailure(error.message) }
                return report
            }
            try check(settings, &report)
            return report
        } catch let error as SettingsError {
            // The file was read, and a value in it is wrong: the others are of interest too.
            guard let file = configuration.file else { throw error }
            var report = SettingsReport(file, in: nil)
            if report.isSupported { report.addFailure(error.message) }
            return report
        }
    }
}

/// `talon convert [OPTIONS]`: prints the configuration file as `talon.yaml`.
enum ConvertCommand {
    static func run(_ words: [String]) -> Int32 {
        do {
            let configuration = try Configuration(words, in: ThisProcess.directory ?? "/")
            _ = try configuration.read()
            guard let file = configuration.file else {
                throw StartError("talon convert: there is no configuration file; name one: -c FILE", status: 1)
            }
            FileDescriptor.standardOutput.writeAll(Array(try SettingsConversion(file).text.utf8))
            return 0
        } catch {
            return Configuration.fail("talon convert", error)
        }
    }
}

/// `talon schema`: prints the JSON schema of `talon.yaml`.
enum SchemaCommand {
    static func run() -> Int32 {
        FileDescriptor.standardOutput.writeAll(Array(SettingsSchema.text.utf8))
        return 0
    }
}

extension Configuration {
    /// Says why a command has failed. Returns the exit status.
    static func fail(_ command: String, _ error: any Error) -> Int32 {
        var status: Int32 = 1
        var text = "\(command): \(error)"
        if let error = error as? SettingsError {
            (text, status) = ("\(command): \(error.message)", error.status)
        } else if let error = error as? StartError {
            (text, status) = (error.description, error.status)
        }
        FileDescriptor.standardError.writeAll(Array("\(text)\n".utf8))
        return status
    }
}
