import TalonTesting
import Testing

/// What the plugin misbehave.c does in its hook, and which outcomes that may have by where it runs.
struct Misbehaviour: Sendable, CustomTestStringConvertible {
    let act: String
    /// In a hook runner.
    let isolated: Set<String>
    /// In a worker, inline.
    let inline: Set<String>
    /// In a worker, guarded.
    let guarded: Set<String>
    /// The worker cannot go on after it.
    let endsWorker: Bool

    var testDescription: String { act }

    static let plugin = "org.talon.test.misbehave"

    private init(
        _ act: String, isolated: Set<String>, inline: Set<String>, guarded: Set<String>? = nil, endsWorker: Bool = false
    ) {
        self.act = act
        self.isolated = isolated
        self.inline = inline
        self.guarded = guarded ?? inline
        self.endsWorker = endsWorker
    }

    static let all: [Misbehaviour] =
        ["segv", "abort", "fpe", "ill", "overflow"].map {
            Misbehaviour($0, isolated: ["crashed"], inline: ["crashed"], endsWorker: true)
        } + [
            Misbehaviour("loop", isolated: ["timed_out"], inline: ["timed_out"], endsWorker: true),
            Misbehaviour("sleep", isolated: ["timed_out"], inline: ["timed_out"], endsWorker: true),
            Misbehaviour("exit", isolated: ["exited"], inline: ["exited"], endsWorker: true),
            Misbehaviour("quick_exit", isolated: ["exited"], inline: ["exited"], endsWorker: true),
            // A jump to a frame that is gone is undefined: the process may end in any way, or hang.
            Misbehaviour(
                "longjmp", isolated: ["crashed", "timed_out", "exited", "error", "ok"],
                inline: ["crashed", "timed_out", "exited", "error", "ok"], endsWorker: true),
            Misbehaviour(
                "close", isolated: ["error", "crashed", "exited"], inline: ["ok", "timed_out"], endsWorker: true),
            Misbehaviour("mask", isolated: ["ok"], inline: ["ok"]),
            Misbehaviour("chdir", isolated: ["ok"], inline: ["ok"]),
            Misbehaviour("thread", isolated: ["ok"], inline: ["ok"]),
            Misbehaviour("leak", isolated: ["ok"], inline: ["ok"]),
            Misbehaviour("log", isolated: ["ok", "timed_out"], inline: ["ok", "timed_out"]),
            Misbehaviour("thread_request", isolated: ["ok"], inline: ["ok"]),
            Misbehaviour("null_arguments", isolated: ["ok"], inline: ["ok"]),
            Misbehaviour("garbage", isolated: ["error"], inline: ["error"]),
            Misbehaviour("error", isolated: ["error"], inline: ["error"]),
        ]

    /// The entry of `--plugin` for it.
    static func entry(_ act: String, at point: String, _ more: String = "") throws -> String {
        let path = try Compiler.sharedObject(file: "plugins/misbehave.c")
        return "{path: \(path), config: {at: \(point), act: \(act)}\(more)}"
    }

    /// The outcomes that are counted for `point`, besides those that did not run.
    static func outcomes(_ server: TalonServer, at point: String) throws -> Set<String> {
        let samples = try server.metrics().all("talon_hook_calls_total", ["plugin": plugin, "hook": point])
        return Set(samples.filter { $0.value > 0 }.compactMap { $0.labels["outcome"] })
    }
}
