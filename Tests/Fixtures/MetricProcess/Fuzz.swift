import TalonMetrics
import TalonPlatform
import TalonTesting

/// Reads `count` folders of changed and of random files. The reader must neither trap nor gather what is gone; a good
/// file beside them must be shown each time. Prints how many bad files were told of, and the memory used.
func fuzz(count: Int, seed: UInt64) {
    var random = FixedRandom(seed: seed)
    let names = ["counter_1.db", "histogram_2.db", "summary_3.db", "gauge_all_4.db", "gauge_mostrecent_5.db"]
    let keys = [
        #"["a", "a_total", {"b": "\u00e9\\", "c": "1"}, "h"]"#, #"["a", "a_bucket", {"le": "1.0"}, "h"]"#,
        #"["a", "a_sum", {}, "h"]"#, #"["a", "a", {}, "h"]"#, #"["b", "b_count", {"x": "y"}, "h"]"#,
    ]
    let good = ("counter_9.db", file([(#"["good", "good_total", {}, "h"]"#, 1)]))
    let seeds = keys.map { key in file([(key, 1), (keys[2], -2), (keys[0], 3)]) }
    var reader = MetricDirectoryReader(directory: "")
    var problems = 0
    for round in 0..<count {
        var bytes = seeds[Int.random(in: seeds.indices, using: &random)]
        if round % 8 == 0 {
            bytes = (0..<Int.random(in: 0...200, using: &random)).map { _ in .random(in: 0...255, using: &random) }
        } else {
            mutate(&bytes, &random)
        }
        let reading = reader.read(contents: [(names[round % names.count], bytes), good])
        if !reading.problems.isEmpty { problems += 1 }
        guard reading.families.contains(where: { $0.name == "good_total" && $0.samples.map(\.value) == [1] }) else {
            print("round \(round): the good file is not shown beside \(bytes)")
            ThisProcess.exit(1)
        }
        if round % 16 == 0 { _ = TextExposition.render(reading.families) }
    }
    let resident = (ProcessUsage.of(ThisProcess.pid)?.residentBytes ?? 0) >> 20
    print("inputs \(count) problems \(problems) resident-MiB \(resident)")
}

/// One to four changes: a byte replaced, removed, inserted, or the file cut.
private func mutate(_ bytes: inout [UInt8], _ random: inout FixedRandom) {
    for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
        let index = Int.random(in: bytes.indices, using: &random)
        switch Int.random(in: 0..<8, using: &random) {
        case 0: bytes.remove(at: index)
        case 1: bytes.insert(.random(in: 0...255, using: &random), at: index)
        case 2: bytes.removeLast(bytes.count - index)
        case 3: bytes[index] = [0, 0x22, 0x2c, 0x5b, 0x5c, 0x7b, 0x7f, 0xff][Int.random(in: 0..<8, using: &random)]
        default: bytes[index] = .random(in: 0...255, using: &random)
        }
    }
}

/// A well-formed metric file; see EntryFormat.
private func file(_ entries: [(key: String, value: Double)]) -> [UInt8] {
    var body: [UInt8] = []
    for (key, value) in entries {
        let text = Array(key.utf8)
        body += little(UInt32(text.count)) + text
        body += [UInt8](repeating: 0x20, count: 8 - (4 + text.count) % 8)
        body += little(value.bitPattern) + little(UInt64(0))
    }
    return little(UInt32(8 + body.count)) + [0, 0, 0, 0] + body
}

private func little<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
    (0..<Number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> Number($0 * 8)) }
}
