import CTalonPlugin
import Glibc
import Synchronization
import TalonMetrics
import TalonPlatform
import TalonTesting
import Testing

@testable import TalonHooks

/// A plugin's metrics, with a store that may come later and a clock that stands.
private final class Bench: Sendable {
    private struct Record {
        var lines: [String] = []
        var store: MetricStore?
        var asked = 0
        var now = 10 * nanosecondsPerSecond
    }
    private let record = Mutex(Record())
    let directory: TemporaryDirectory

    init(hasStore: Bool = true) throws {
        directory = try TemporaryDirectory()
        if hasStore { makeStore() }
    }

    var lines: [String] { record.withLock { $0.lines } }
    /// How often the store was asked for.
    var asked: Int { record.withLock { $0.asked } }
    func pass(_ nanoseconds: UInt64) { record.withLock { $0.now += nanoseconds } }

    func makeStore() {
        let store = MetricStore(directory: directory.path, identifier: "1") { text in
            self.record.withLock { $0.lines.append("store: \(text)") }
        }
        record.withLock { $0.store = store }
    }

    func host() -> PluginHost {
        let services = HostServices(
            log: { level, text in self.record.withLock { $0.lines.append("\(level.name): \(text)") } },
            setting: { _ in nil },
            metrics: {
                self.record.withLock {
                    $0.asked += 1
                    return $0.store
                }
            }, request: { _ in -1 })
        return PluginHost(services: services) { self.record.withLock { $0.now } }
    }

    /// What a scrape shows, without HELP and TYPE.
    var page: [String] { whole.filter { !$0.hasPrefix("#") } }

    var whole: [String] {
        var reader = MetricDirectoryReader(directory: directory.path)
        let reading = reader.read()
        #expect(reading.problems.isEmpty)
        return String(decoding: TextExposition.render(reading.families), as: UTF8.self).split(separator: "\n").map(
            String.init)
    }
}

/// What a plugin does with `talon.metrics/1`.
private struct Maker {
    let host: PluginHost
    let functions: talon_metrics_1

    init(_ host: PluginHost) throws {
        self.host = host
        let table = host.face.pointee.interface(host.face, TALON_INTERFACE_METRICS)
        functions = try #require(table).assumingMemoryBound(to: talon_metrics_1.self).pointee
    }

    private func fields(_ labels: [(String, String)]) -> [talon_field] {
        labels.map { talon_field(key: CText.make($0.0), value: CText.make($0.1)) }
    }

    func counter(_ name: String, help: String = "h", _ labels: [(String, String)] = []) -> OpaquePointer? {
        let list = fields(labels)
        return functions.counter(host.face, CText.make(name), CText.make(help), list, list.count)
    }

    func gauge(_ name: String, help: String = "h", _ labels: [(String, String)] = []) -> OpaquePointer? {
        let list = fields(labels)
        return functions.gauge(host.face, CText.make(name), CText.make(help), list, list.count)
    }

    func histogram(
        _ name: String, help: String = "h", _ labels: [(String, String)] = [], bounds: [Double] = [1, 10]
    ) -> OpaquePointer? {
        let list = fields(labels)
        return functions.histogram(
            host.face, CText.make(name), CText.make(help), list, list.count, bounds, bounds.count)
    }

    func add(_ metric: OpaquePointer?, _ value: Double) { functions.add(metric, value) }
    func set(_ metric: OpaquePointer?, _ value: Double) { functions.set(metric, value) }
    func observe(_ metric: OpaquePointer?, _ value: Double) { functions.observe(metric, value) }
}

@Suite struct `A plugin's metrics` {
    @Test func `are shown with the server's`() throws {
        let bench = try Bench()
        let plugin = try Maker(bench.host())
        let hits = plugin.counter("hits", help: "Number of hits", [("path", "/a\"b\n"), ("a", "ü")])
        plugin.add(hits, 2)
        plugin.add(hits, 0.5)
        let level = plugin.gauge("app:level")
        plugin.set(level, 7)
        plugin.add(level, -3)
        let size = plugin.histogram("size_bytes", bounds: [1, 10])
        for value in [0.5, 1, 5, 100] { plugin.observe(size, value) }
        #expect(
            bench.whole
                == [
                    "# HELP app:level h", "# TYPE app:level gauge", "app:level 4", "# HELP hits_total Number of hits",
                    "# TYPE hits_total counter", "hits_total{a=\"ü\",path=\"/a\\\"b\\n\"} 2.5", "# HELP size_bytes h",
                    "# TYPE size_bytes histogram", "size_bytes_bucket{le=\"1\"} 2", "size_bytes_bucket{le=\"10\"} 3",
                    "size_bytes_bucket{le=\"+Inf\"} 4", "size_bytes_sum 106.5", "size_bytes_count 4",
                ].map { $0.replacing("le=\"1\"", with: "le=\"1.0\"").replacing("le=\"10\"", with: "le=\"10.0\"") })
        #expect(bench.lines.isEmpty)
    }

    @Test func `are the same when they are asked for again`() throws {
        let bench = try Bench()
        let plugin = try Maker(bench.host())
        let first = plugin.counter("hits_total", help: "first", [("a", "1"), ("b", "2")])
        #expect(first != nil)
        #expect(plugin.counter("hits", help: "second", [("b", "2"), ("a", "1")]) == first)
        let other = plugin.counter("hits", help: "third", [("a", "2"), ("b", "1")])
        #expect(other != nil && other != first)
        plugin.add(first, 1)
        plugin.add(other, 2)
        // The first help counts: another would be another series in the files.
        #expect(
            bench.whole == [
                "# HELP hits_total first", "# TYPE hits_total counter", "hits_total{a=\"1\",b=\"2\"} 1",
                "hits_total{a=\"2\",b=\"1\"} 2",
            ])
        // And for another plugin of the process it is one series, too.
        let neighbour = try Maker(bench.host())
        neighbour.add(neighbour.counter("hits", help: "first", [("a", "1"), ("b", "2")]), 10)
        #expect(bench.page.first == "hits_total{a=\"1\",b=\"2\"} 11")
    }

    @Test func `do not fall, if they are counters, and are not spoilt`() throws {
        for isThere in [true, false] {
            let bench = try Bench(hasStore: isThere)
            let plugin = try Maker(bench.host())
            let counter = plugin.counter("c")
            for value in [1, -5, .nan, .infinity, 0, 2] as [Double] { plugin.add(counter, value) }
            let histogram = plugin.histogram("h", bounds: [])
            for value in [1, .nan, .infinity, -.infinity, -3] as [Double] { plugin.observe(histogram, value) }
            bench.makeStore()
            bench.pass(nanosecondsPerSecond)
            plugin.host.metrics.settle()
            #expect(bench.page == ["c_total 3", "h_bucket{le=\"+Inf\"} 2", "h_sum -2", "h_count 2"])
        }
    }

    @Test func `ignore what does not fit their type`() throws {
        for isThere in [true, false] {
            let bench = try Bench(hasStore: isThere)
            let plugin = try Maker(bench.host())
            for metric in [plugin.counter("c"), plugin.histogram("h"), plugin.gauge("g"), nil] {
                plugin.set(metric, 5)
                plugin.add(metric, 1)
                plugin.observe(metric, 3)
            }
            if !isThere { bench.makeStore() }
            bench.pass(nanosecondsPerSecond)
            plugin.host.metrics.settle()
            #expect(
                bench.page == [
                    "c_total 1", "g 6", "h_bucket{le=\"1.0\"} 0", "h_bucket{le=\"10.0\"} 1", "h_bucket{le=\"+Inf\"} 1",
                    "h_sum 3", "h_count 1",
                ])
        }
    }

    @Test func `are not taken for what is none`() throws {
        let plugin = try Maker(Bench().host())
        let memory = UnsafeMutableRawPointer.allocate(byteCount: 256, alignment: 16)
        defer { memory.deallocate() }
        for byte in [0, 0x72, 0xff] as [Int32] {
            memset(memory, byte, 256)
            for offset in 0..<16 {
                let metric = OpaquePointer(memory + offset)
                plugin.add(metric, 1)
                plugin.set(metric, 1)
                plugin.observe(metric, 1)
            }
        }
    }
}

@Suite struct `A metric that a plugin asks for` {
    private let bench: Bench
    private let plugin: Maker

    init() throws {
        bench = try Bench()
        plugin = try Maker(bench.host())
    }

    @Test(
        arguments: [
            "", "1a", "a-b", "a b", "ä", "a\0", "talon_x", "talon_", "gunicorn_workers", "gunicorn__total",
            String(repeating: "a", count: 257),
        ])
    func `is refused for its name`(name: String) {
        #expect(plugin.counter(name) == nil && plugin.gauge(name) == nil && plugin.histogram(name) == nil)
        #expect(bench.lines.count == 3)
        #expect(bench.lines.first?.hasPrefix("warning: metric ") == true)
        #expect(bench.lines.first?.hasSuffix("; it is not counted") == true)
    }

    @Test func `is refused if nothing is left of its name without _total`() {
        #expect(plugin.counter("_total") == nil)
        #expect(plugin.gauge("_total") != nil)
    }

    @Test(
        arguments: [
            ["": "v"], ["a-b": "v"], ["__a": "v"], ["1": "v"], ["a:b": "v"], [String(repeating: "a", count: 129): "v"],
            ["a": String(repeating: "v", count: 1025)],
            Dictionary(uniqueKeysWithValues: (0..<17).map { ("l\($0)", "") }),
        ])
    func `is refused for its labels`(labels: [String: String]) {
        let list = labels.map { ($0.key, $0.value) }
        #expect(plugin.counter("c", list) == nil && plugin.gauge("g", list) == nil)
        #expect(plugin.histogram("h", list) == nil)
        #expect(bench.lines.count == 3)
    }

    @Test func `is refused for labels that are there twice, or are not there`() {
        #expect(plugin.counter("c", [("a", "1"), ("a", "2")]) == nil)
        #expect(plugin.histogram("h", [("le", "1")]) == nil)
        #expect(plugin.gauge("g", [("le", "1")]) != nil)
        #expect(plugin.functions.gauge(plugin.host.face, CText.make("n"), CText.make(""), nil, 1) == nil)
        #expect(plugin.functions.gauge(plugin.host.face, CText.make("n"), CText.make(""), nil, .max) == nil)
        #expect(plugin.functions.gauge(plugin.host.face, CText.make("n"), CText.make(""), nil, 0) != nil)
        #expect(plugin.functions.gauge(nil, CText.make("n"), CText.make(""), nil, 0) == nil)
        let nothing = talon_str(data: nil, size: 9)
        #expect(plugin.functions.gauge(plugin.host.face, nothing, nothing, nil, 0) == nil)
        #expect(plugin.functions.gauge(plugin.host.face, CText.make("m"), nothing, nil, 0) != nil)
    }

    @Test(
        arguments: [
            [1, 1], [2, 1], [1, .infinity], [.nan], [-.infinity, 1], [1, .nan, 2], (0..<101).map { Double($0) },
        ])
    func `is refused for its bounds`(bounds: [Double]) {
        #expect(plugin.histogram("h", bounds: bounds) == nil)
        let face = plugin.host.face
        #expect(plugin.functions.histogram(face, CText.make("h"), CText.make(""), nil, 0, nil, bounds.count) == nil)
        #expect(plugin.functions.histogram(face, CText.make("h"), CText.make(""), nil, 0, nil, .max) == nil)
    }

    @Test func `may be as large as allowed`() {
        let labels = (0..<16).map {
            (String(repeating: "l", count: 120) + "\($0)", String(repeating: "v", count: 1024))
        }
        let name = String(repeating: "n", count: 256)
        #expect(plugin.histogram(name, help: String(repeating: "h", count: 99999), labels, bounds: [-1.5, 0]) != nil)
        #expect(plugin.histogram("h", bounds: (0..<100).map { Double($0) }) != nil)
        #expect(plugin.histogram("no_bounds", bounds: []) != nil)
        #expect(bench.lines.isEmpty)
    }

    @Test func `has one type and one set of buckets`() {
        #expect(plugin.counter("a") != nil && plugin.gauge("b") != nil && plugin.histogram("h") != nil)
        #expect(plugin.gauge("a") == nil && plugin.gauge("a_total") == nil && plugin.histogram("a") == nil)
        #expect(plugin.counter("b") == nil && plugin.histogram("b", [("x", "y")]) == nil)
        #expect(plugin.gauge("h_sum") == nil && plugin.counter("h_count") == nil && plugin.gauge("h_bucket") == nil)
        #expect(plugin.histogram("h", [("x", "y")], bounds: [1, 11]) == nil)
        #expect(plugin.histogram("h", [("x", "y")], bounds: [1, 10]) != nil)
        #expect(plugin.gauge("later_sum") != nil && plugin.histogram("later") == nil)
        #expect(plugin.gauge("b", [("x", "y")]) != nil)
    }

    @Test func `is one of a thousand`() {
        let first = plugin.counter("c", [("id", "0")])
        for id in 1..<1000 { #expect(plugin.counter("c", [("id", "\(id)")]) != nil) }
        for id in 1000..<1100 { #expect(plugin.counter("c", [("id", "\(id)")]) == nil) }
        #expect(plugin.gauge("g") == nil)
        #expect(plugin.counter("c", [("id", "0")]) == first)
        #expect(bench.lines.count == 1)
        #expect(bench.lines.first?.contains("metric c is one too many: a plugin has at most 1000 series") == true)
    }

    @Test func `does not fill the files with its keys`() throws {
        let labels = (0..<15).map { ("l\($0)", String(repeating: "v", count: 1024)) }
        let bounds = (0..<100).map { Double($0) }
        let made = (0..<20).count { plugin.histogram("h", labels + [("id", "\($0)")], bounds: bounds) != nil }
        #expect(made > 0 && made < 20)
        #expect(bench.lines.count == 1)
        // Another plugin still has room.
        let other = try Maker(bench.host())
        other.observe(other.histogram("mine", bounds: bounds), 1)
        #expect(bench.page.contains("mine_count 1"))
    }

    @Test func `is refused aloud, but not without end`() {
        for _ in 0..<100 { #expect(plugin.counter("a b") == nil) }
        #expect(bench.lines.count == 16)
    }
}

@Suite struct `What a plugin counts before there is a store` {
    @Test func `is kept, and added when it is there`() throws {
        let bench = try Bench(hasStore: false)
        let plugin = try Maker(bench.host())
        let (counter, gauge, other) = (plugin.counter("c"), plugin.gauge("g"), plugin.gauge("other"))
        let (histogram, untouched) = (plugin.histogram("h"), plugin.gauge("untouched"))
        plugin.add(counter, 1.5)
        plugin.add(counter, 2)
        plugin.set(gauge, 10)
        plugin.add(gauge, -3)
        plugin.add(other, 4)
        for value in [1, 2, 10, 11] as [Double] { plugin.observe(histogram, value) }
        #expect(bench.page.isEmpty)
        bench.makeStore()
        // The time for another attempt has not come yet.
        plugin.add(counter, 1)
        #expect(bench.page.isEmpty)
        bench.pass(nanosecondsPerSecond)
        plugin.add(counter, 1)
        let page = [
            "c_total 5.5", "g 7", "h_bucket{le=\"1.0\"} 1", "h_bucket{le=\"10.0\"} 3", "h_bucket{le=\"+Inf\"} 4",
            "h_sum 24", "h_count 4", "other 4",
        ]
        #expect(bench.page == page)
        plugin.add(counter, 1)
        plugin.set(untouched, 1)
        #expect(bench.page == ["c_total 6.5"] + page.dropFirst() + ["untouched 1"])
    }

    @Test func `is not newer for that than what others set meanwhile`() throws {
        let bench = try Bench(hasStore: false)
        let plugin = try Maker(bench.host())
        plugin.set(plugin.gauge("g"), 1)
        MetricStore(directory: bench.directory.path, identifier: "2") { _ in }
            .gauge(name: "g", help: "h", mode: .mostrecent).set(2)
        bench.makeStore()
        bench.pass(nanosecondsPerSecond)
        plugin.host.metrics.settle()
        #expect(bench.page == ["g 2"])
    }

    @Test func `has it asked for once a second, and not again when it is there`() throws {
        let bench = try Bench(hasStore: false)
        let plugin = try Maker(bench.host())
        #expect(bench.asked == 0)
        plugin.host.metrics.settle()
        #expect(bench.asked == 0)
        let counter = plugin.counter("c")
        #expect(bench.asked == 1)
        for _ in 0..<100 {
            plugin.add(counter, 1)
            _ = plugin.gauge("g")
            plugin.host.metrics.settle()
        }
        #expect(bench.asked == 1)
        bench.pass(nanosecondsPerSecond)
        for _ in 0..<100 { plugin.add(counter, 1) }
        #expect(bench.asked == 2)
        bench.makeStore()
        bench.pass(nanosecondsPerSecond)
        // No update is needed for it.
        plugin.host.metrics.settle()
        #expect(bench.asked == 3 && bench.page == ["c_total 200"])
        bench.pass(nanosecondsPerSecond)
        plugin.add(counter, 1)
        plugin.add(plugin.counter("later"), 1)
        #expect(bench.asked == 3 && bench.page == ["c_total 201", "later_total 1"])
    }

    @Test func `is not lost when several threads count while it comes`() throws {
        let bench = try Bench(hasStore: false)
        let host = bench.host()
        let maker = try Maker(host)
        _ = maker.counter("c")
        let place = UInt(bitPattern: host.face)
        let ended = Atomic(0)
        let threads = 4
        let each = 20000
        for _ in 0..<threads {
            #expect(
                SystemThread.start {
                    guard let face = UnsafePointer<talon_host>(bitPattern: place),
                        let table = face.pointee.interface(face, TALON_INTERFACE_METRICS)
                    else { return }
                    let functions = table.assumingMemoryBound(to: talon_metrics_1.self).pointee
                    let (name, help) = (CText.make("c"), CText.make("h"))
                    let counter = functions.counter(face, name, help, nil, 0)
                    let histogram = functions.histogram(face, CText.make("h"), help, nil, 0, [1, 2], 2)
                    for count in 0..<each {
                        functions.add(counter, 1)
                        functions.observe(histogram, Double(count % 3) + 0.5)
                        if count == each / 2 {
                            bench.makeStore()
                            bench.pass(nanosecondsPerSecond)
                        }
                    }
                    ended.add(1, ordering: .releasing)
                })
        }
        try eventually("all threads are done", within: .seconds(60)) { ended.load(ordering: .acquiring) == threads }
        #expect(bench.page.contains("c_total \(threads * each)"))
        #expect(bench.page.contains("h_count \(threads * each)"))
    }
}
