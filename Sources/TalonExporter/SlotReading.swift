import TalonPlatform

/// A slot that has or has had a worker, as it was at one moment.
struct SlotReading {
    let index: Int
    let state: WorkerState
    let pid: Int32
    let age: UInt64
    let generation: UInt64
    let farewell: WorkerFarewell
    /// Since the worker was started; nanoseconds.
    let lifetime: UInt64
    /// nil if there is no worker, or it has not said who it is.
    let usage: ProcessUsage?
    /// CPU time of this worker and of those before it, nanoseconds; nil while the slot changes hands.
    let cpuTime: UInt64?

    /// nil if the slot has never had a worker.
    init?(_ slot: ScoreboardSlot, index: Int) {
        guard slot.age > 0 else { return nil }
        self.index = index
        // The order counts: the master adds a worker's time to that of the ended ones first, and frees the slot then.
        let before = slot.state
        let ended = slot.endedCPUTime
        state = before
        pid = slot.pid
        age = slot.age
        generation = slot.generation
        farewell = slot.farewell
        let now = MonotonicClock.unixTime()
        let start = slot.startedAt
        lifetime = now > start ? now - start : 0  // the clock may have been set back
        let isThere = before != .free && pid > 0
        usage = isThere ? ProcessUsage.of(pid) : nil
        if isThere, usage == nil || slot.endedCPUTime != ended || slot.age != age {
            cpuTime = nil
        } else {
            cpuTime = ended &+ (usage?.cpuTime ?? 0)
        }
    }
}
