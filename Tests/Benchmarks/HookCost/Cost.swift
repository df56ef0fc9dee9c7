import CTalonPlugin
import Glibc
import TalonHooks
import TalonPlatform

/// Nanoseconds per call: the median of many rounds.
func cost(rounds: Int = 41, calls: Int, _ body: (Int) -> Void) -> Double {
    var costs: [Double] = []
    for _ in 0..<rounds {
        let start = MonotonicClock.now()
        body(calls)
        costs.append(Double(MonotonicClock.now() - start) / Double(calls))
    }
    return costs.sorted()[rounds / 2]
}

/// What a request pays when no plugin has a request hook: a look at a reference that is nil.
final class Application {
    var hooks: AnyObject?
    var taken = 0

    @inline(never)
    func handleWithHooks() {
        if hooks != nil { taken += 2 }
        taken &+= 1
    }

    @inline(never)
    func handle() {
        taken &+= 1
    }
}

/// The direct call that the others are compared with: through a pointer, as dlsym(3) gives it.
struct DirectCall {
    typealias Hook = @convention(c) (UnsafePointer<talon_call>?) -> Int32
    private let hook: Hook

    init?(_ path: String, _ symbol: String) {
        guard let handle = dlopen(path, RTLD_NOW), let address = dlsym(handle, symbol) else { return nil }
        hook = unsafeBitCast(address, to: Hook.self)
    }

    func run(_ calls: Int) {
        var call = talon_call()
        for _ in 0..<calls { _ = hook(&call) }
    }
}
