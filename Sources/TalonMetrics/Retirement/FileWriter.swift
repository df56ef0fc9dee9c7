/// Who writes a metric file, by the identifier in its name.
enum FileWriter: Hashable {
    /// A process of Talon's, which holds the file's lock while it lives: `3`, `master`, `runner-0`, `exporter`. `slot` is
    /// a worker's.
    case talon(slot: Int?)
    /// One that found the file held: `3-4711`, `master-4711`.
    case substitute(slot: Int?)
    /// prometheus_client in the worker of a slot, which locks nothing: `app-3`.
    case application(slot: Int)
    /// prometheus_client in any other process: `4711`, `app-3-4711`.
    case process(Int32)
    /// It has a new file of that name, or has ended: the file was retiring when the process that retires was killed.
    case retired
    /// Nobody can tell whether it still lives.
    case unknown

    /// `slots`: how many there are; a number below is a slot, any other a pid.
    init(identifier: String, slots: Int) {
        let parts = identifier.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        let numbers = parts.map { $0.utf8.allSatisfy { 48...57 ~= $0 } ? Int($0) : nil }
        func slot(_ index: Int) -> Int? { numbers[index].flatMap { $0 < slots ? $0 : nil } }
        func pid(_ index: Int) -> Int32? { numbers[index].flatMap { Int32(exactly: $0) }.flatMap { $0 > 0 ? $0 : nil } }
        switch (parts.first, parts.count) {
        case ("master", 1), ("exporter", 1):
            self = .talon(slot: nil)
        case ("master", 2), ("exporter", 2):
            self = pid(1) != nil ? .substitute(slot: nil) : .unknown
        case ("runner", 2):
            self = numbers[1] != nil ? .talon(slot: nil) : .unknown
        case ("runner", 3):
            self = numbers[1] != nil && pid(2) != nil ? .substitute(slot: nil) : .unknown
        case ("app", 2):
            self = slot(1).map { .application(slot: $0) } ?? .unknown
        case ("app", 3):
            self = pid(2).map { .process($0) } ?? .unknown
        case (_, 1):
            self = slot(0).map { .talon(slot: $0) } ?? pid(0).map { .process($0) } ?? .unknown
        case (_, 2) where pid(1) != nil:
            self = slot(0).map { .substitute(slot: $0) } ?? .unknown
        default:
            self = .unknown
        }
    }
}
