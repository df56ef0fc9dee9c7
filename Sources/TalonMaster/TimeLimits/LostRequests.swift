import Glibc
import TalonPlatform

/// Access lines of requests that ended with their worker, which could not write them.
///
/// The master knows less than a worker would: no client, no query, no fields. The status is what the client should have
/// been told; it has seen the connection end.
struct LostRequests {
    private let file: FileDescriptor

    init(path: String) throws(SystemError) {
        // The master waits for nobody who is to read a pipe.
        let flags = O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK
        file = path == "-" ? .standardOutput : try .open(path, flags: flags)
    }

    /// One line in the default format, as the server's workers write it.
    static func line(_ request: LaneRequest, status: Int, unixSeconds: Int) -> String {
        let time = LogTime.accessLog(unixSeconds: unixSeconds)
        let version = request.versionMinor == 0 ? "HTTP/1.0" : "HTTP/1.1"
        let what = LogText.quoted("\(request.method) \(request.path) \(version)")
        return "- - - \(time) \"\(what)\" \(status) 0 \"-\" \"-\"\n"
    }

    func write(_ requests: [LaneRequest], status: Int) {
        let now = Int(MonotonicClock.unixTime() / nanosecondsPerSecond)
        for request in requests {
            _ = file.writeAll(Array(LostRequests.line(request, status: status, unixSeconds: now).utf8), before: 0)
        }
        if file != .standardOutput { file.close() }
    }
}
