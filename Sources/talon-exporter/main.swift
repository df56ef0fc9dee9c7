import TalonExporter
import TalonPlatform

// What this program is: the exporter of a master, or the check of what protects it. See docs/architecture.md,
// "Processes".

let arguments = ThisProcess.arguments
let status: Int32 =
    switch (arguments.first, arguments.dropFirst().first) {
    case ("talon:", "endpoint-check"): EndpointCheck.run()
    default: Exporter.run()
    }
ThisProcess.exit(status)
