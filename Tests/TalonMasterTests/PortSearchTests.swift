import TalonPlatform
import Testing

@testable import TalonMaster

@Suite struct `The search for a port` {
    @Test func `waits longer after each of five tries, then a while each time`() {
        var search = PortSearch(address: .tcp(host: "127.0.0.1", port: 9090))
        var delays: [UInt64] = []
        for _ in 0..<8 {
            _ = search.failed()
            delays.append(search.delay / 100_000_000)
        }
        #expect(delays == [5, 10, 20, 40, 300, 300, 300, 300])
    }

    @Test func `warns four times, tells of an error once, and is quiet from then on`() {
        var search = PortSearch(address: .tcp(host: "127.0.0.1", port: 9090))
        let told = (0..<100).map { _ in search.failed() }
        #expect(told.prefix(4).allSatisfy { $0?.level == .warning })
        #expect(told[2]?.text == "Port 9090 in use (attempt 3/5), retrying in 2.0 seconds...")
        #expect(told[4]?.level == .error)
        #expect(told[4]?.text.hasPrefix("Failed to start metrics server after 5 attempts: port 9090") == true)
        #expect(told.dropFirst(5).allSatisfy { $0 == nil })
    }
}
