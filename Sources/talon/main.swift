import TalonControl
import TalonHooks
import TalonMaster
import TalonPlatform
import TalonSettings
import TalonWorker

// `talon` is three programs in one file: the server that a user starts, and the children that its master execs, whose
// first argument is "talon:" and whose second is what they are. See docs/architecture.md, "Processes".

let arguments = ThisProcess.arguments
let status: Int32 =
    switch (arguments.first, arguments.dropFirst().first) {
    case ("talon:", "worker"): NativeWorker.run()
    case ("talon:", "hook-runner"): HookRunner.run()
    case (_, "ctl"): ControlTool.run(Array(arguments.dropFirst(2)))
    case (_, "plugin"): OtherProgram.plugin(Array(arguments.dropFirst(2)))
    case (_, "exporter"): OtherProgram.exporter(Array(arguments.dropFirst(2)))
    case (_, "check"): CheckCommand.run(Array(arguments.dropFirst(2)))
    case (_, "convert"): ConvertCommand.run(Array(arguments.dropFirst(2)))
    case (_, "schema"): SchemaCommand.run()
    default: ServeCommand.run(Array(arguments.dropFirst()))
    }
ThisProcess.exit(status)
