import TalonExporter
import TalonPlatform

// What this program is: the exporter of a master, a check of what protects a port, or `talon exporter`. See
// docs/architecture.md, "Processes".

let arguments = ThisProcess.arguments
let status: Int32 =
    switch (arguments.first, arguments.dropFirst().first) {
    case ("talon:", "exporter"): Exporter.run()
    case ("talon:", let word?): ProtectionCheck.run(word)
    default: FleetExporter.run(Array(arguments.dropFirst()))
    }
ThisProcess.exit(status)
