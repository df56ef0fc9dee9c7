import TalonHooks
import TalonTesting
import TalonYAML
import Testing

@testable import TalonBundle

/// Changes texts as a careless or hostile author might.
private struct Mutator {
    var random: FixedRandom
    private static let pieces: [[UInt8]] = [
        "\n", "  ", "- ", ": ", "? ", "[", "]", "{", "}", "&a ", "*a ", "!!str ", "!x ", "'", "\"", "|\n", ">-\n", "#",
        "---\n",
        "...\n", "%TAG ! x\n", "\t", "\r\n", "\0", "\u{85}", "\u{2028}", "\u{feff}", "null", "~", "true", "-1", "0x",
        "1e999", "99999999999999999999999", "const ", "config ", "server.pid", "u8 ", "when_ready", "on_exit",
        "schema", "hooks", "point", "type: ", "default: ", "isolated", "\\u0000", "\\x41", "<<: ", "=", "😀", "e\u{301}",
    ].map { Array($0.utf8) }

    mutating func number(_ range: Range<Int>) -> Int { Int.random(in: range, using: &random) }

    mutating func mutate(_ bytes: inout [UInt8]) {
        let place = number(0..<bytes.count + 1)
        let end = min(bytes.count, place + number(0..<12))
        switch number(0..<7) {
        case 0 where place < bytes.count: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
        case 1: bytes.removeSubrange(place..<end)
        case 2: bytes.insert(contentsOf: bytes[place..<end], at: number(0..<bytes.count + 1))
        case 3: bytes.removeSubrange(place...)
        case 4:
            // A whole line more, somewhere.
            let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            let line = lines[number(0..<lines.count)]
            bytes.insert(contentsOf: line + [UInt8(ascii: "\n")], at: place)
        default: bytes.replaceSubrange(place..<end, with: Mutator.pieces[number(0..<Mutator.pieces.count)])
        }
    }
}

@Suite struct `Any text at all` {
    private static let manifests = [
        Sample.systemdNotify,
        Sample.head + "config: {n: {type: integer, default: 5, minimum: 1, maximum: 9}}\nhooks:\n"
            + "- {point: on_exit, returns: void, arguments: [u8 config n, i64 server.pid, f64 const 1.5, ptr call]}\n",
        Sample.head + "limits: {on_exit: 250 ms}\nisolation: isolated\nlanguage: c\nlibrary: ./x.so\nabi: 1.0\n"
            + "hooks: [{point: post_fork}]\nfiles: {a: \(String(repeating: "0f", count: 32))}\n",
    ].map { Array($0.utf8) }

    private static let entries = [
        "{path: ./a.so, isolation: guarded, timeout: 2, required: true, config: {greeting: hi}}",
        "- ./a.so\n- id: org.x.y\n  config:\n    n: 7\n",
    ].map { Array($0.utf8) }

    /// What went wrong with how it was refused; nil if nothing did.
    private func flaw(_ error: YAMLError, lines: Int) -> String? {
        guard error.file == "fuzz", error.line >= 1, error.line <= lines else { return "place: \(error)" }
        guard !error.field.isEmpty, !error.reason.isEmpty, !error.description.contains("\n") else {
            return "text: \(error)"
        }
        return nil
    }

    private func lines(_ bytes: [UInt8]) -> Int {
        YAMLLines.count(String(decoding: bytes, as: UTF8.self))
    }

    /// Reads it as far as it can be read.
    private func read(_ bytes: [UInt8]) -> (accepted: Bool, flaw: String?) {
        do {
            let manifest = try PluginManifest.parse(bytes, file: "fuzz")
            let entry = PluginEntry(path: "x", source: "fuzz")
            _ = try manifest.describe(entry: entry, origin: "x", exports: [.onExit]).encoded
            let again = PluginManifest.withFiles(String(decoding: bytes, as: UTF8.self), files: ["a": "b"])
            return (true, again.isEmpty ? "empty" : nil)
        } catch {
            return (false, flaw(error, lines: lines(bytes)))
        }
    }

    private func readEntry(_ bytes: [UInt8]) -> (accepted: Bool, flaw: String?) {
        do {
            return (try !PluginEntry.parse(String(decoding: bytes, as: UTF8.self), source: "fuzz").isEmpty, nil)
        } catch {
            return (false, flaw(error, lines: lines(bytes)))
        }
    }

    private func run(
        _ rounds: Int, seed: UInt64, _ samples: [[UInt8]], _ read: ([UInt8]) -> (accepted: Bool, flaw: String?)
    ) {
        var mutator = Mutator(random: FixedRandom(seed: seed))
        var accepted = 0
        var slowest = Duration.zero
        for round in 0..<rounds {
            var bytes = samples[round % samples.count]
            for _ in 0..<1 + mutator.number(0..<4) { mutator.mutate(&bytes) }
            let start = ContinuousClock.now
            let outcome = read(bytes)
            slowest = max(slowest, ContinuousClock.now - start)
            if outcome.accepted { accepted += 1 }
            if let flaw = outcome.flaw {
                Issue.record("seed \(seed), round \(round): \(flaw)\n\(String(decoding: bytes, as: UTF8.self))")
                return
            }
        }
        // Neither all refused, which would test nothing but the YAML library, nor all accepted.
        #expect(accepted > rounds / 100 && accepted < rounds * 9 / 10, "\(accepted) of \(rounds)")
        #expect(slowest < .seconds(20))
    }

    @Test(arguments: 0..<4 as Range<UInt64>) func `is read as a manifest, or refused with its place`(seed: UInt64) {
        run(17_500, seed: seed, Self.manifests, read)
    }

    @Test(arguments: 4..<6 as Range<UInt64>) func `is read as an entry, or refused with its place`(seed: UInt64) {
        run(15_000, seed: seed, Self.entries, readEntry)
    }

    @Test func `of random bytes is refused with its place`() {
        var random = FixedRandom(seed: 7)
        for _ in 0..<5000 {
            let bytes = random.bytes(Int.random(in: 0...60, using: &random))
            let outcome = read(bytes)
            #expect(!outcome.accepted && outcome.flaw == nil, "\(bytes)")
        }
    }

    @Test func `cut anywhere is read or refused`() {
        let bytes = Array(Sample.full.utf8)
        for length in bytes.indices {
            #expect(read(Array(bytes.prefix(length))).flaw == nil, "\(length) bytes")
        }
    }
}
