import AllocationCount
import Glibc
import TalonHTTP
import TalonMetrics
import TalonPlatform
import TalonWorker

// What all that is counted of one request costs, and whether it allocates.
// usage: request-benchmark FOLDER

let words = ThisProcess.arguments
guard words.count == 2 else {
    print("usage: request-benchmark FOLDER")
    ThisProcess.exit(2)
}

/// CPU time of this thread, so that what else the machine does falls out; nanoseconds.
func spent() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) * nanosecondsPerSecond + UInt64(time.tv_nsec)
}

func show(_ name: String, limit: Double, _ body: (Int) -> Void) -> Bool {
    let calls = 200_000
    body(1000)
    let before = allocation_count()
    body(calls)
    let allocated = allocation_count() - before
    var costs: [Double] = []
    for _ in 0..<41 {
        let start = spent()
        body(calls)
        costs.append(Double(spent() - start) / Double(calls))
    }
    let cost = (costs.sorted()[costs.count / 2] * 10).rounded() / 10
    print("\(name): \(cost) ns (asked: at most \(limit)), allocations in \(calls) requests: \(allocated) (asked: none)")
    return cost <= limit && allocated == 0
}

func problem(_ message: String) {
    print(message)
    ThisProcess.exit(1)
}

let methods = ["GET", "GET", "GET", "POST", "GET", "HEAD", "DELETE", "INVENTED"].map { Array($0.utf8) }
let statuses = [200, 200, 304, 201, 404, 200, 204, 500]
let routes = ["/", "/items/{id}", "/items/{id}/parts/{part}", "/login"].map { Array($0.utf8) }

func count(_ metrics: WorkerMetrics, _ endpoints: EndpointMetrics?, _ calls: Int) {
    for call in 0..<calls {
        let index = call & 7
        let method = methods[index]
        let facts = RequestFacts(
            method: MethodLabel.index(of: method.span), status: statuses[index],
            duration: UInt64(40_000 + call & 0xFFFF), queued: UInt64(call & 0x3FF), bodyReceived: Int64(call & 0xFFF),
            bodySent: Int64(call & 0x3FFF), traffic: Traffic(received: 300, sent: 900))
        metrics.count(facts)
        if let endpoints { endpoints.count(facts, route: routes[call & 3]) }
    }
}

/// What a thread says on the scoreboard of each request that it runs.
func tell(_ lane: ScoreboardLane, _ paths: [[UInt8]], _ calls: Int) {
    for call in 0..<calls {
        let (method, path) = (methods[call & 7], paths[call & 3])
        lane.begin(method: method.span, path: path.span, versionMinor: 1, at: UInt64(call) + 1)
        lane.end()
    }
}

let store = MetricStore(directory: words[1], identifier: "0", onError: problem)
let metrics = WorkerMetrics(store: store, slot: 0)
let endpoints = EndpointMetrics(store: store, limit: 100)
let isGood = show("metrics of a request", limit: 400) { count(metrics, nil, $0) }
let isGoodByEndpoint = show("with endpoints", limit: 400) { count(metrics, endpoints, $0) }
var isGoodLane = false
do {
    let lane = try Scoreboard.create(slotCount: 1)[0][lane: 0]
    let long = Array(repeating: UInt8(ascii: "x"), count: 300)
    let isGoodShort = show("scoreboard", limit: 100) { tell(lane, routes, $0) }
    let isGoodLong = show("scoreboard, long paths", limit: 100) { tell(lane, [long, long, long, long], $0) }
    isGoodLane = isGoodShort && isGoodLong
} catch {
    problem("\(error)")
}
ThisProcess.exit(isGood && isGoodByEndpoint && isGoodLane ? 0 : 1)
