import TalonHooks
import TalonPlatform

// What a call of a hook costs, by where it runs, and whether calls leave anything behind.
// usage: hook-benchmark TALON NOTHING.so MISBEHAVE.so [--quick]

let words = ThisProcess.arguments
guard words.count >= 4 else {
    print("usage: hook-benchmark TALON NOTHING.so MISBEHAVE.so [--quick]")
    ThisProcess.exit(2)
}
let (talon, nothing, misbehave) = (words[1], words[2], words[3])
let scale = words.contains("--quick") ? 10 : 1
let log = ErrorLog(file: try LogFile.open("/dev/null", standard: .standardError), level: .critical)

func services() -> HostServices {
    HostServices(log: { _, _ in }, setting: { _ in nil }, request: { _ in -1 })
}

func plugin(_ path: String, _ isolation: Isolation?, config: [(key: String, value: String)] = []) throws
    -> ResolvedPlugin
{
    var plugin = try PluginFile.inspect(path).own
    plugin.description.isOwn = false
    plugin.description.isolation = isolation
    plugin.description.config = config
    return plugin
}

func show(_ name: String, _ value: Double, _ limit: String) {
    let padded = name + String(repeating: " ", count: max(1, 44 - name.count))
    let number = (value * 10).rounded() / 10
    print("\(padded)\(number) ns\t\(limit)")
}

// 1. In this process.
let application = Application()
let withCheck = cost(calls: 1_000_000) { for _ in 0..<$0 { application.handleWithHooks() } }
let without = cost(calls: 1_000_000) { for _ in 0..<$0 { application.handle() } }
show("empty chain", max(0, withCheck - without), "asked: at most 2")

guard let direct = DirectCall(nothing, HookPoint.preRequest.symbol) else {
    print("\(nothing) cannot be loaded, or has no pre_request")
    ThisProcess.exit(1)
}
let block = FactBlock()
block.update(Runner.facts)
let directCost = cost(calls: 200_000) { direct.run($0) }
show("direct call in C", directCost, "")
var inlineCost = 0.0
for isolation in [Isolation.inline, .guarded] {
    let loaded = try LoadedPlugin(try plugin(nothing, isolation), services: services(), guards: true)
    let perCall = cost(calls: 200_000) {
        for _ in 0..<$0 { _ = loaded.call(.preRequest, block, deadline: 0) }
    }
    if isolation == .inline {
        inlineCost = perCall
        show("inline, standard signature, over direct", perCall - directCost, "asked: at most 120")
    } else {
        show("guarded, over inline", perCall - inlineCost, "asked: at most 150")
    }
}

// 2. In a runner.
let runner = try Runner(try plugin(nothing, nil), talon: talon, log: log)
let trip = cost(rounds: 21, calls: 1000 / scale) { for _ in 0..<$0 { _ = runner.call() } }
show("isolated round trip", trip, "asked: at most 40000")

// 3. What is left behind. Warmed up first, so that what is made once is not counted.
func footprint() -> (descriptors: Int, kibibytes: Int) {
    (ThisProcess.openDescriptors, (ProcessUsage.of(ThisProcess.pid)?.residentBytes).map { Int($0 / 1024) } ?? 0)
}

func soak(_ name: String, _ count: Int, expecting expected: (HookOutcome) -> Bool, _ body: () -> HookOutcome) {
    for _ in 0..<max(20, count / 10) { _ = body() }
    let before = footprint()
    var wrong = 0
    for _ in 0..<count where !expected(body()) { wrong += 1 }
    let after = footprint()
    let children = ChildProcess.reapUnknown(besides: []).map { "an unreaped child \($0.pid)" } ?? "none"
    print(
        "\(count) \(name): \(wrong) with another outcome; descriptors \(before.descriptors) -> \(after.descriptors), "
            + "resident KiB \(before.kibibytes) -> \(after.kibibytes), children left: \(children)")
    if wrong > 0 || after.descriptors != before.descriptors || after.kibibytes > before.kibibytes + 2048 {
        print("FAILED: \(name)")
        ThisProcess.exit(1)
    }
}

func isCrash(_ outcome: HookOutcome) -> Bool {
    if case .crashed = outcome { true } else { false }
}

func isTimeout(_ outcome: HookOutcome) -> Bool { outcome == .timedOut }

func isOK(_ outcome: HookOutcome) -> Bool { outcome == .ok }

soak("isolated calls", 10_000 / scale, expecting: isOK) { runner.call() }
let crashing = try Runner(
    try plugin(misbehave, nil, config: [("at", "when_ready"), ("act", "segv")]), talon: talon, log: log)
soak("crashes of a runner", 1000 / scale, expecting: isCrash) {
    crashing.restart()
    return crashing.call()
}
let hanging = try Runner(
    try plugin(misbehave, nil, config: [("at", "when_ready"), ("act", "loop")]), talon: talon, log: log)
soak("timeouts of a runner", 1000 / scale, expecting: isTimeout) {
    hanging.restart()
    return hanging.call(limit: 60_000_000)
}
