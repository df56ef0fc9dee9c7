import TalonHooks
import TalonPlatform
import TalonSettings

extension Command {
    static let forget = Command(
        "forget", operand: "FILE", "Lets a plugin be loaded again that crashed while it was loaded.",
        details: [
            "A server remembers by its digest a shared object that crashed when it was loaded first, and does not try again. "
                + "A file that is changed is another one, and needs no forgetting."
        ],
        options: [
            Option(
                "--state", value: "DIR",
                help:
                    "Folder of the memory; a server's --plugin-state. [/var/lib/talon for root, else $XDG_STATE_HOME/talon]"
            )
        ],
        failure: "the file cannot be read"
    ) { invocation throws(ToolFailure) in
        let state = (invocation.text("--state") ?? UserFolders.state).absolutePath
        let inspected = try Inspecting.of(
            invocation.operand, policy: .allowUnverified, trustFolders: [], limit: 10 * nanosecondsPerSecond)
        let plugin = try inspected.accepted()
        let memory = CrashMemory(folder: state)
        let digest = plugin.description.digest
        let reason = memory.isRemembered(digest)
        memory.forget(digest)
        guard memory.isRemembered(digest) == nil else {
            throw ToolFailure("\(state)/crashed/\(digest) cannot be removed; remove it as its owner")
        }
        let file = invocation.operand
        return Report(
            [reason.map { "forgotten: \(file) crashed (\($0))" } ?? "nothing is remembered of \(file)"],
            [("file", .text(file)), ("digest", .text(digest)), ("crash", .optional(reason))])
    }
}
