import TalonPlatform

/// Access lines of requests that ended with their worker, which could not write them.
///
/// The master knows less than a worker would: no client, no query, no fields. The status is what the client should have
/// been told; it has seen the connection end.
struct LostRequests {
    let file: LogFile

    init(path: String) throws(SystemError) {
        file = try .open(path, standard: .standardOutput)
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
            file.append(Array(LostRequests.line(request, status: status, unixSeconds: now).utf8))
        }
        if file.descriptor != .standardOutput { file.descriptor.close() }
    }
}
