import TalonSettings
import TalonTesting
import TalonYAML
import Testing

@testable import TalonConfiguration

@Suite struct `A configuration of random bytes` {
    private static let seeds = [
        "bind: [127.0.0.1:8000, 'unix:/a']\nworkers: 4\nraw_env:\n  - A=1\nplugins:\n- {path: a.so, id: b}\n",
        "exporter:\n  prometheus: {metrics_port: 9090, ssl: {enabled: true, certfile: c, keyfile: k}}\n"
            + "  redis:\n    enabled: true\n    host: h\n  ssl: {enabled: false}\n",
        "logconfig_dict: {version: 1, handlers: {a: [b, {c: d}]}}\numask: 0o22\nforwarded_allow_ips: '*,10.0.0.0/8'\n",
    ].map { Array($0.utf8) }

    private static let pieces = [
        "\n", "  ", "- ", ": ", "[", "]", "{", "}", "&a ", "*a ", "!!int ", "'", "\"", "|\n", "#", "---\n", "\t", "\0",
        "\u{85}", "null", "~", "true", "-1", "0x", "1e999", "99999999999999999999", "exporter:\n", "  ssl: ",
        "workers: ",
        "😀", "e\u{301}", "_", "00", "=", ",",
    ].map { Array($0.utf8) }

    private func mutated(_ seed: [UInt8], _ random: inout FixedRandom) -> [UInt8] {
        var bytes = seed
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            let place = Int.random(in: 0...bytes.count, using: &random)
            let end = min(bytes.count, place + Int.random(in: 0..<12, using: &random))
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes.removeSubrange(place..<end)
            case 1: bytes.insert(contentsOf: bytes[place..<end], at: place)
            case 2: bytes.insert(contentsOf: random.bytes(2), at: place)
            default: bytes.insert(contentsOf: Self.pieces.randomElement(using: &random) ?? [], at: place)
            }
        }
        return bytes
    }

    @Test(arguments: 0..<8) func `is read or refused in one line with its place, and never more than that`(
        part: UInt64
    ) throws {
        var random = FixedRandom(seed: part)
        var accepted = 0
        for round in 0..<1500 {
            let bytes = mutated(Self.seeds[round % Self.seeds.count], &random)
            do {
                let file = try SettingsDocument.read(bytes, file: "fuzz")
                let again = try ConfigurationFile(decoding: file.encoded)
                #expect(again.entries == file.entries)
                _ = try SettingsLayer(of: file)
                accepted += 1
            } catch let error as YAMLError {
                #expect(error.line >= 1 && !error.reason.isEmpty && !error.description.contains("\n"))
            } catch let error as SettingsError {
                #expect(error.message.hasPrefix("fuzz:") && !error.message.contains("\n"), "\(error.message)")
            }
        }
        // The changes are small: some of the texts are still right.
        #expect(accepted > 0)
    }

    @Test(arguments: 0..<4) func `as the answer of the reader is read or refused`(part: UInt64) throws {
        var random = FixedRandom(seed: 100 + part)
        let whole = try SettingsDocument.read(Self.seeds[0], file: "fuzz").encoded
        var refused = 0
        for _ in 0..<3000 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                bytes[place] = UInt8.random(in: .min ... .max, using: &random)
            }
            if Bool.random(using: &random) { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random)) }
            do {
                _ = try ConfigurationFile(decoding: bytes)
            } catch {
                refused += 1
            }
        }
        #expect(refused > 0)
    }
}
