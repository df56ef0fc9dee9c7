import CTalonPlatform
import Glibc

/// One record of shared memory for each worker slot, with a lane for each of the worker's threads.
///
/// The master makes it and frees slots; the worker of a slot writes its record; the master and the exporter read.
package struct Scoreboard: Sendable {
    private let region: SharedRegion
    package let slotCount: Int
    /// Lanes of one slot: the main thread's, then those of the application threads.
    package let laneCount: Int

    /// Bytes before the first record: the number of lanes, the CPU time of former exporters, and the server's phase.
    static let headerSize = 64
    /// Bytes of one record without its lanes: cache lines of its own, so that two workers never write to the same.
    static let recordSize = 256
    /// Bytes of one lane: eight words, and the path of a request.
    static let laneSize = 64 + LaneRequest.pathLimit

    private static func strideOf(lanes: Int) -> Int { recordSize + lanes * laneSize }

    package var descriptor: FileDescriptor { region.descriptor }

    package static func create(slotCount: Int, laneCount: Int = 1) throws(SystemError) -> Scoreboard {
        let bytes = headerSize + slotCount * strideOf(lanes: laneCount)
        let region = try SharedRegion.create(name: "talon-scoreboard", byteCount: bytes)
        region.base.storeBytes(of: UInt64(laneCount), as: UInt64.self)
        return Scoreboard(region: region)
    }

    package static func attach(_ descriptor: FileDescriptor) throws(SystemError) -> Scoreboard {
        Scoreboard(region: try .attach(descriptor))
    }

    private init(region: SharedRegion) {
        self.region = region
        laneCount = max(1, Int(truncatingIfNeeded: region.base.load(as: UInt64.self)))
        slotCount = (region.byteCount - Scoreboard.headerSize) / Scoreboard.strideOf(lanes: laneCount)
    }

    /// The record of a slot.
    package subscript(slot: Int) -> ScoreboardSlot {
        precondition(slot >= 0 && slot < slotCount, "no such slot: \(slot)")
        let record = region.base + Scoreboard.headerSize + slot * Scoreboard.strideOf(lanes: laneCount)
        return ScoreboardSlot(record: record, laneCount: laneCount)
    }

    /// CPU time of all exporters that are gone: nanoseconds. The master.
    package var endedExporterCPUTime: UInt64 {
        get { talon_atomic_load_acquire_u64(headerWord(1)) }
        nonmutating set { talon_atomic_store_release_u64(headerWord(1), newValue) }
    }

    func headerWord(_ index: Int) -> UnsafeMutablePointer<UInt64> {
        region.base.assumingMemoryBound(to: UInt64.self) + index
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
    /// Asked to stop; finishes what runs. Written by the worker, and by the master when it asks.
    case quitting
    /// Over its time limit; about to be killed. Written by the master.
    case aborting
}

/// Why a worker leaves, as it says itself: with the same exit status it may have been told to, or have had enough.
package enum WorkerFarewell: UInt32, Sendable, CaseIterable {
    /// It has not said.
    case none = 0
    /// INT or QUIT.
    case quit
    /// TERM.
    case terminate
    /// ABRT.
    case abort
    /// The application ends the process in good order, as by SystemExit.
    case exit
    /// A plugin asked for it.
    case plugin
    /// It has answered as many requests as it may.
    case maxRequests
    /// It uses more memory than it may.
    case memory
}
