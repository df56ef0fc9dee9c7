import Glibc
import TalonHTTP
import TalonPlatform

/// Access lines of requests that ended with their worker, which could not write them.
///
/// The master knows less than a worker would: no client, no query, no fields. The status is what the client should have
/// been told; it has seen the connection end.
struct LostRequests {
    private let file: FileDescriptor
    private let layout: AccessLogLayout

    init(path: String, layout: AccessLogLayout) throws(SystemError) {
        // The master waits for nobody who is to read a pipe.
        let flags = O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK
        file = path == "-" ? .standardOutput : try .open(path, flags: flags)
        self.layout = layout
    }

    /// One line as the workers write it, with its end. `now` is CLOCK_MONOTONIC, nanoseconds.
    static func line(
        _ request: LaneRequest, as layout: AccessLogLayout, status: Int, processID: Int32, now: UInt64,
        unixTime: UInt64
    ) -> [UInt8] {
        let record = AccessRecord(
            unixTime: unixTime, status: status, bodyBytes: 0,
            microseconds: Int64((now - min(now, request.since)) / 1000), processID: processID)
        let line = AccessLine()
        line.render(
            record, as: layout, method: request.method, path: request.path, versionMinor: request.versionMinor)
        return line.bytes + [0x0A]
    }

    func write(_ requests: [LaneRequest], of processID: Int32, status: Int) {
        let (now, unixTime) = (MonotonicClock.now(), MonotonicClock.unixTime())
        for request in requests {
            let line = LostRequests.line(
                request, as: layout, status: status, processID: processID, now: now, unixTime: unixTime)
            _ = file.writeAll(line, before: 0)
        }
        if file != .standardOutput { file.close() }
    }
}
