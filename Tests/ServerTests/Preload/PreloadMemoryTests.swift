import TalonTesting
import Testing

@Suite(.serialized) struct `The memory of a preloaded application` {
    private static let workers = 8

    @Test func `is shared: what 8 workers have of 200 MiB for themselves is less than 15 percent of it`() throws {
        let directory = try TemporaryDirectory()
        // Many small objects and a few large ones, as applications have them.
        try directory.writeApplication(
            answering: "hello",
            preamble: """
                large = [bytearray(b"x") * (1 << 20) for _ in range(100)]
                small = [{"number": number, "text": "value %d" % number} for number in range(400_000)]
                """)
        let shared = try privateMemory(directory, "--preload")
        let each = try privateMemory(directory)
        #expect(each > Self.workers * 200 << 20, "an application that is large enough: \(each >> 20) MiB")
        #expect(shared * 100 < each * 15, "\(shared >> 20) MiB instead of \(each >> 20) MiB")
    }

    private func privateMemory(_ directory: TemporaryDirectory, _ arguments: String...) throws -> Int {
        let server = try TalonServer(["app:app", "-w", "\(Self.workers)"] + arguments, in: directory)
        try server.waitUntilReady(workers: Self.workers, within: .seconds(120))
        for _ in 0..<100 { #expect(try server.client.get("/").text == "hello") }
        let total = server.workers().reduce(0) { $0 + $1.privateMemory }
        try server.stop()
        return total
    }
}

extension ProcessEntry {
    /// Bytes that no other process has; proc(5), smaps_rollup.
    fileprivate var privateMemory: Int {
        Files.lines("/proc/\(pid)/smaps_rollup").filter { $0.hasPrefix("Private_") }.reduce(0) { sum, line in
            let words = line.split(separator: " ")
            return sum + (words.count > 1 ? Int(words[1]) ?? 0 : 0) * 1024
        }
    }
}
