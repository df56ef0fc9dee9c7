import TalonSettings

/// What a hook is told. Values only: they cross to a runner as bytes and become C structs where the hook is called.
package struct HookFacts: Equatable, Sendable {
    package struct Server: Equatable, Sendable {
        package var pid: Int32
        package var name: String
        package var version: String
        /// Of the first listener; a path for a unix socket.
        package var address: String
        package var port: UInt32
        package var workers: UInt32
        package var generation: UInt32
        /// Unix time in nanoseconds.
        package var startedAt: UInt64

        package init(
            pid: Int32, name: String, version: String, address: String, port: UInt32, workers: UInt32,
            generation: UInt32, startedAt: UInt64
        ) {
            self.pid = pid
            self.name = name
            self.version = version
            self.address = address
            self.port = port
            self.workers = workers
            self.generation = generation
            self.startedAt = startedAt
        }
    }

    package struct Worker: Equatable, Sendable {
        package var slot: UInt32
        package var age: UInt64
        package var pid: Int32
        package var generation: UInt32
        /// How it ended, once it has.
        package var exit: Exit?

        package init(slot: UInt32, age: UInt64, pid: Int32, generation: UInt32, exit: Exit? = nil) {
            self.slot = slot
            self.age = age
            self.pid = pid
            self.generation = generation
            self.exit = exit
        }
    }

    package struct Exit: Equatable, Sendable {
        /// Exit code; -1 if a signal ended it.
        package var status: Int32
        /// The signal that ended it; 0 if it exited.
        package var signal: Int32
        /// In a word: "exit_code", "signal", "timeout", ...
        package var reason: String

        package init(status: Int32, signal: Int32, reason: String) {
            self.status = status
            self.signal = signal
            self.reason = reason
        }
    }

    /// A change of the number of workers.
    package struct Workers: Equatable, Sendable {
        package var new: UInt32
        package var old: UInt32

        package init(new: UInt32, old: UInt32) {
            self.new = new
            self.old = old
        }
    }

    package var server: Server
    package var worker: Worker?
    package var workers: Workers?

    package init(server: Server, worker: Worker? = nil, workers: Workers? = nil) {
        self.server = server
        self.worker = worker
        self.workers = workers
    }

    func encode(into writer: inout ByteWriter) {
        writer.put(UInt32(bitPattern: server.pid))
        writer.put(server.name)
        writer.put(server.version)
        writer.put(server.address)
        writer.put(server.port)
        writer.put(server.workers)
        writer.put(server.generation)
        writer.put(server.startedAt)
        writer.put(UInt32(worker == nil ? 0 : 1))
        if let worker {
            writer.put(worker.slot)
            writer.put(worker.age)
            writer.put(UInt32(bitPattern: worker.pid))
            writer.put(worker.generation)
            writer.put(UInt32(worker.exit == nil ? 0 : 1))
            if let exit = worker.exit {
                writer.put(UInt32(bitPattern: exit.status))
                writer.put(UInt32(bitPattern: exit.signal))
                writer.put(exit.reason)
            }
        }
        writer.put(UInt32(workers == nil ? 0 : 1))
        if let workers {
            writer.put(workers.new)
            writer.put(workers.old)
        }
    }

    init(decoding reader: inout ByteReader) throws(ByteReader.Truncated) {
        server = Server(
            pid: Int32(bitPattern: try reader.number32()), name: try reader.text(), version: try reader.text(),
            address: try reader.text(), port: try reader.number32(), workers: try reader.number32(),
            generation: try reader.number32(), startedAt: try reader.number64())
        if try reader.number32() != 0 {
            worker = Worker(
                slot: try reader.number32(), age: try reader.number64(),
                pid: Int32(bitPattern: try reader.number32()), generation: try reader.number32())
            if try reader.number32() != 0 {
                worker?.exit = Exit(
                    status: Int32(bitPattern: try reader.number32()), signal: Int32(bitPattern: try reader.number32()),
                    reason: try reader.text())
            }
        }
        if try reader.number32() != 0 {
            workers = Workers(new: try reader.number32(), old: try reader.number32())
        }
    }
}
