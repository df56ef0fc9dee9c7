import TalonMetrics
import TalonPlatform
import TalonSettings

/// `talon exporter`: serves metrics that servers have left elsewhere: in a Redis, or in a folder that a sidecar shares.
package enum FleetExporter {
    /// Returns the exit status. `words`: what follows the program's name.
    package static func run(_ words: [String]) -> Int32 {
        let command: FleetCommand
        do {
            command = try FleetCommand(words) { ThisProcess.environment($0) }
        } catch {
            FileDescriptor.standardError.writeAll(Array("talon exporter: \(error.message)\n".utf8))
            return error.status
        }
        guard !command.wantsHelp else {
            FileDescriptor.standardOutput.writeAll(Array(FleetCommand.help.utf8))
            return 0
        }
        if command.mode == .health {
            let isSecure = ProtectionSettings(command.setting).wantsTLS
            return HealthCheck.run(host: command.host, port: command.port, isSecure: isSecure)
        }
        do {
            try serve(command)
            return 0
        } catch {
            FileDescriptor.standardError.writeAll(Array("talon exporter: \(error)\n".utf8))
            return 1
        }
    }

    private static func serve(_ command: FleetCommand) throws {
        ThisProcess.returnFreedMemory()
        Signal.pipe.ignore()
        Signal.hangup.ignore()
        let log = ErrorLog(file: try LogFile.open("-", standard: .standardError), level: .info)
        let protection = try ProtectionWatch(ProtectionSettings(command.setting), log: log)
        let pages: any PageSource
        let readiness: @Sendable () -> Readiness
        switch command.source {
        case .redis(let settings):
            let fleet = FleetPages(settings, command.kind, log: log)
            (pages, readiness) = (fleet, { fleet.readiness })
        case .folder(let folder):
            // The server may come later, or be another container.
            try? FileAccess.makeFolder(folder)
            pages = PageRenderer(FolderPage(directory: folder, log: log), limit: MetricsServer.waitingThreads)
            readiness = { .ready }
        }
        let listener = try Listener.open(.tcp(host: command.host, port: command.port))
        let server = try MetricsServer(
            [listener], pages: pages, readiness: readiness, protection: protection,
            end: [.terminate, .interrupt, .quit],
            log: log)
        log.info("Metrics server started on \(command.host):\(command.port), from \(command.source)")
        try server.serve()
        log.info("Metrics server ends")
    }
}
