import TalonBundle
import TalonConfiguration
import TalonPlatform

// What this program is: `talon plugin ...`, the plugin inspector of a master, its reader of YAML, or the child of a
// check. See docs/architecture.md, "Processes".

let arguments = ThisProcess.arguments
let status: Int32 =
    switch (arguments.first, arguments.dropFirst().first) {
    case ("talon:", "plugin-inspector"): PluginInspectorProcess.run()
    case ("talon:", "plugin-probe"): ProbeChild.run()
    case ("talon:", "configuration-reader"): ConfigurationReaderProcess.run(Array(arguments.dropFirst(2)))
    default: PluginTool.run(Array(arguments.dropFirst()))
    }
ThisProcess.exit(status)
