import Glibc
import TalonMetrics
import TalonPlatform

// The processes that tests of metric files need: ones that can be killed, and one that is fast.
// usage: metric-process write FOLDER IDENTIFIER | retire FOLDER SLOTS [STEP] | fuzz COUNT SEED

let words = ThisProcess.arguments

/// Counts for ever, in series that are ever more.
func write(_ folder: String, _ identifier: String) {
    let store = MetricStore(directory: folder, identifier: identifier) { print($0) }
    let total = store.counter(name: "c", help: "h")
    let histogram = store.histogram(name: "d", help: "h", buckets: [1, 2])
    let gauge = store.gauge(name: "g", help: "h", mode: .mostrecent)
    for round in 0... {
        let mine = store.counter(name: "n", help: "h", labels: ["n": "\(round % 5000)"])
        for number in 0..<100 {
            total.increment()
            mine.increment()
            histogram.observe(Double(number % 3))
            gauge.set(number % 2 == 0 ? 1.2345678901234567e-100 : -9.876543210987654e200)
        }
    }
}

/// Retires what is there; dies by SIGKILL before `deadly`.
func retire(_ folder: String, slots: Int, dyingBefore deadly: String?) throws {
    var retirement = Retirement(directory: folder, slots: slots)
    retirement.step = { step in
        if step.rawValue == deadly { kill(getpid(), SIGKILL) }
    }
    while try retirement.run(isFree: { _ in true }) > 0 {}
}

switch (words.dropFirst().first, words.count) {
case ("write", 4): write(words[2], words[3])
case ("retire", 4), ("retire", 5):
    try retire(words[2], slots: Int(words[3]) ?? 0, dyingBefore: words.count > 4 ? words[4] : nil)
case ("fuzz", 4): fuzz(count: Int(words[2]) ?? 0, seed: UInt64(words[3]) ?? 0)
default:
    print("usage: metric-process write FOLDER IDENTIFIER | retire FOLDER SLOTS [STEP] | fuzz COUNT SEED")
    ThisProcess.exit(2)
}
