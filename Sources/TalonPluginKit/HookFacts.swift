import CTalonPlugin

// Views of the host's structs. Fields are read one by one through the pointer: a host of another minor has a struct of
// another size, so it must never be copied whole.

extension HookCall {
    /// Facts about the server.
    public struct Server {
        let facts: UnsafePointer<talon_server>

        /// Of the master.
        public var pid: Int32 { facts.pointee.pid }
        /// The process name, by default the application's.
        public var name: String { String(copying: facts.pointee.name) }
        /// Of Talon.
        public var version: String { String(copying: facts.pointee.version) }
        /// The first listener: an address, or the path of a unix socket.
        public var address: String { String(copying: facts.pointee.address) }
        /// Its port; 0 for a unix socket, and before the listeners are open.
        public var port: Int { Int(facts.pointee.port) }
        /// How many workers are wanted.
        public var workers: Int { Int(facts.pointee.workers) }
        /// 1 at start, one more at each reload.
        public var generation: Int { Int(facts.pointee.generation) }
        /// Unix time, seconds.
        public var startedAt: Double { facts.pointee.started_at }
    }

    /// Facts about the worker that the call is about.
    public struct Worker {
        let facts: UnsafePointer<talon_worker>

        /// From 0, used again when the worker is gone.
        public var slot: Int { Int(facts.pointee.slot) }
        /// The master's spawn counter, never used again.
        public var age: UInt64 { facts.pointee.age }
        /// 0 before the worker exists.
        public var pid: Int32 { facts.pointee.pid }
        /// Of the server, when the worker was started.
        public var generation: Int { Int(facts.pointee.generation) }
        /// Its exit code; nil if it has not ended, or not by exiting.
        public var exitStatus: Int32? { facts.pointee.exit_status < 0 ? nil : facts.pointee.exit_status }
        /// The signal that ended it; nil if none did.
        public var exitSignal: Int32? { facts.pointee.exit_signal == 0 ? nil : facts.pointee.exit_signal }
        /// In a word why it ended; empty if it has not.
        public var exitReason: String { String(copying: facts.pointee.exit_reason) }
    }

    /// A change of the number of workers.
    public struct Workers {
        let facts: UnsafePointer<talon_workers>

        /// How many are wanted now.
        public var newCount: Int { Int(facts.pointee.new_count) }
        /// How many were wanted before.
        public var oldCount: Int { Int(facts.pointee.old_count) }
    }

    /// Facts of a finished response.
    public struct Response {
        let facts: UnsafePointer<talon_response>

        /// 0 when none was sent.
        public var status: Int { Int(facts.pointee.status) }
        /// Of the body.
        public var bytes: UInt64 { facts.pointee.bytes }
        /// From the request's head to the response's end.
        public var duration: Duration { .nanoseconds(Int64(clamping: facts.pointee.duration_ns)) }
    }
}
