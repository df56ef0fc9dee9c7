import TalonPlatform
import Testing

@Suite struct `The address of a StatsD server: statsd_host` {
    @Test(arguments: [
        ("localhost:8125", "localhost", 8125), ("10.0.0.1:1", "10.0.0.1", 1), ("statsd", "statsd", 8125),
        ("[::1]:99", "::1", 99), ("[::1]", "::1", 8125), ("udp://h:5", "h", 5),
        // gunicorn keeps this to a host of that name.
        ("unix:8125", "unix", 8125),
    ])
    func `is a host and a port`(text: String, host: String, port: UInt16) {
        #expect(DatagramAddress(statsD: text) == .udp(host: host, port: port))
    }

    @Test(arguments: [
        ("unix:///run/statsd", "/run/statsd"), ("unix:/run/statsd", "/run/statsd"), ("unix://@dsd", "@dsd"),
        ("unix://8125", "8125"),
    ])
    func `is a unix socket`(text: String, path: String) throws {
        #expect(DatagramAddress(statsD: text) == .unix(try #require(UnixSocketName(path))))
    }

    @Test(arguments: ["", ":8125", "h:0", "h:65536", "h:x", "h:", "unix://", "unix:", "a b:1", "a/b:1"])
    func `is nothing else`(text: String) {
        #expect(DatagramAddress(statsD: text) == nil)
    }
}
