import TalonExporter
import TalonPlatform

// What this program is: the exporter of a master, or a check of what protects a port. See docs/architecture.md,
// "Processes".

let arguments = ThisProcess.arguments
let status: Int32 =
    switch (arguments.first, arguments.dropFirst().first) {
    case ("talon:", let word?) where word != "exporter": ProtectionCheck.run(word)
    default: Exporter.run()
    }
ThisProcess.exit(status)
