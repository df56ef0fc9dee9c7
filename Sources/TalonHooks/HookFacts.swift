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

        package init(slot: UInt32, age: UInt64, pid: Int32, generation: UInt32) {
            self.slot = slot
            self.age = age
            self.pid = pid
            self.generation = generation
        }
    }

    package var server: Server
    package var worker: Worker?

    package init(server: Server, worker: Worker? = nil) {
        self.server = server
        self.worker = worker
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
        }
    }
}
