import TalonBundle
import TalonPlatform

ThisProcess.exit(ThisProcess.arguments.dropFirst().first == "plugin-inspector" ? PluginInspectorProcess.run() : 2)
