import CTalonPlugin
import TalonPlatform
import TalonTesting
import Testing

@testable import TalonHooks

@Suite struct `A hook point` {
    /// By the numbers of the header.
    private static let rows: [(point: HookPoint, number: Int32, name: String)] = [
        (.onStarting, TALON_ON_STARTING, "on_starting"), (.whenReady, TALON_WHEN_READY, "when_ready"),
        (.onReload, TALON_ON_RELOAD, "on_reload"), (.nworkersChanged, TALON_NWORKERS_CHANGED, "nworkers_changed"),
        (.childExit, TALON_CHILD_EXIT, "child_exit"), (.preFork, TALON_PRE_FORK, "pre_fork"),
        (.postFork, TALON_POST_FORK, "post_fork"), (.postWorkerInit, TALON_POST_WORKER_INIT, "post_worker_init"),
        (.preRequest, TALON_PRE_REQUEST, "pre_request"), (.postRequest, TALON_POST_REQUEST, "post_request"),
        (.workerInt, TALON_WORKER_INT, "worker_int"), (.workerAbort, TALON_WORKER_ABORT, "worker_abort"),
        (.workerExit, TALON_WORKER_EXIT, "worker_exit"), (.preExec, TALON_PRE_EXEC, "pre_exec"),
        (.onStopping, TALON_ON_STOPPING, "on_stopping"), (.onExit, TALON_ON_EXIT, "on_exit"),
    ]

    @Test func `is tested`() { #expect(Self.rows.map(\.point) == HookPoint.allCases) }

    @Test(arguments: rows.indices) func `has the header's number, and the symbol of gunicorn's name`(index: Int) {
        let row = Self.rows[index]
        #expect(row.point.rawValue == UInt32(row.number))
        #expect(row.point.rawValue == UInt32(index) + 1)
        #expect(row.point.name == row.name)
        #expect(row.point.symbol == "talon_" + row.name)
    }

    @Test func `is declared in the header by its symbol`() throws {
        let path = "\(Repository.root)/Sources/CTalonPlugin/include/talon_plugin.h"
        let header = try #require(Files.text(path))
        for point in HookPoint.allCases {
            #expect(header.contains("TALON_EXPORT int32_t \(point.symbol)(const talon_call *call);"), "\(point)")
        }
        #expect(header.contains("*\(PluginFile.identitySymbol)(void);"))
    }

    @Test func `is in a worker or on the master's side`() {
        let inWorker = HookPoint.allCases.filter(\.isInWorker).map(\.name)
        #expect(
            inWorker == [
                "post_fork", "post_worker_init", "pre_request", "post_request", "worker_int", "worker_abort",
                "worker_exit",
            ])
    }

    @Test func `has a time limit`() {
        for point in HookPoint.allCases { #expect((10_000_000...30_000_000_000).contains(point.timeLimit)) }
    }

    @Test func `allows a veto only where something can still be stopped`() {
        let veto = HookPoint.allCases.filter(\.allowsVeto).map(\.name)
        #expect(veto == ["on_starting", "on_reload", "pre_fork", "pre_request", "pre_exec"])
    }
}

@Suite struct `The status that a hook returns` {
    @Test(arguments: HookPoint.allCases) func `is judged by the point`(point: HookPoint) {
        #expect(HookOutcome(status: 0, at: point) == .ok)
        #expect(HookOutcome(status: 1, at: point) == .handled)
        #expect(HookOutcome(status: 2, at: point) == (point.allowsVeto ? .deny : .misbehaved(2)))
        #expect(HookOutcome(status: -1, at: point) == .error)
        #expect(HookOutcome(status: -2, at: point) == .retry)
        for status in [3, -3, 255, Int32.max, .min] {
            #expect(HookOutcome(status: status, at: point) == .misbehaved(status))
        }
    }

    @Test(
        arguments: [
            (.ok, "ok", nil), (.handled, "handled", nil), (.deny, "deny", nil), (.retry, "retry", nil),
            (.breakerOpen, "breaker_open", nil),
            (.error, "error", "failed (TALON_ERROR)"),
            (.misbehaved(7), "error", "misbehaved: it returned 7, which this hook must not"),
            (.timedOut, "timed_out", "took too long"),
            (.crashed(.abort), "crashed", "crashed by SIGABRT"),
            (.exited(9), "exited", "ended its process with status 9"),
            (.notRunning, "not_running", "was not called: its process is not running"),
        ] as [(HookOutcome, String, String?)])
    func `has a label, and a sentence if it is a failure`(outcome: HookOutcome, label: String, failure: String?) {
        #expect(outcome.label == label)
        #expect(outcome.failure == failure)
    }
}
