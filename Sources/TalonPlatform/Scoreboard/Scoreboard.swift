import CTalonPlatform
import Glibc

/// One record of shared memory for each worker slot.
///
/// The master makes it and frees slots; the worker of a slot writes its record; the master and the exporter read.
package struct Scoreboard: Sendable {
    private let region: SharedRegion
    package let slotCount: Int

    /// Bytes of one record: four cache lines, so that two workers never write to the same line.
    static let recordSize = 256

    package var descriptor: FileDescriptor { region.descriptor }

    package static func create(slotCount: Int) throws(SystemError) -> Scoreboard {
        Scoreboard(region: try .create(name: "talon-scoreboard", byteCount: slotCount * recordSize))
    }

    package static func attach(_ descriptor: FileDescriptor) throws(SystemError) -> Scoreboard {
        Scoreboard(region: try .attach(descriptor))
    }

    private init(region: SharedRegion) {
        self.region = region
        slotCount = region.byteCount / Scoreboard.recordSize
    }

    /// The record of a slot.
    package subscript(slot: Int) -> ScoreboardSlot {
        precondition(slot >= 0 && slot < slotCount, "no such slot: \(slot)")
        return ScoreboardSlot(record: region.base + slot * Scoreboard.recordSize)
    }

    package var slots: [ScoreboardSlot] { (0..<slotCount).map { self[$0] } }
}

/// What a worker is doing, as it says itself.
package enum WorkerState: UInt32, Sendable {
    /// No worker has this slot.
    case free = 0
    /// Started, the application is not loaded.
    case booting
    /// Serves.
    case ready
    /// Asked to stop; finishes what runs.
    case quitting
    /// Over its time limit; about to be killed. Written by the master.
    case aborting
}
