import TalonBundle
import TalonPlatform

// What this program is: `talon plugin ...`, the plugin inspector of a master, or the child of a check. See
// docs/architecture.md, "Processes".

let arguments = ThisProcess.arguments
let status: Int32 =
    switch (arguments.first, arguments.dropFirst().first) {
    case ("talon:", "plugin-inspector"): PluginInspectorProcess.run()
    case ("talon:", "plugin-probe"): ProbeChild.run()
    default: PluginTool.run(Array(arguments.dropFirst()))
    }
ThisProcess.exit(status)
