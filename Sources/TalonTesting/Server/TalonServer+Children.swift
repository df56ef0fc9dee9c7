/// What a child of the master does.
package enum ChildRole: Sendable {
    case worker
    case exporter
    case hookRunner
    case seed
}

extension TalonServer {
    /// The master's live children of a role, oldest first.
    package func children(_ role: ChildRole) -> [ProcessEntry] {
        ProcessTable.children(of: pid).filter { $0.role == role }
    }

    package func workers() -> [ProcessEntry] { children(.worker) }
    package func workerPids() -> [Int32] { workers().map(\.pid) }

    /// The exporter; throws when there is not just one.
    package func exporter() throws -> ProcessEntry {
        let found = children(.exporter)
        guard found.count == 1 else { throw TestFailure("\(found.count) exporters instead of 1") }
        return found[0]
    }

    package var master: ProcessEntry? { ProcessEntry(pid) }
}

extension ProcessEntry {
    /// By its title or its arguments; nil for what is on its way from a fork to an exec.
    package var role: ChildRole? {
        let command = commandLine
        if command.hasPrefix("talon: exporter") { return .exporter }
        if command.hasPrefix("talon: hook-runner") { return .hookRunner }
        if command.contains("talon_host hooks") { return .hookRunner }
        // A seed's arguments are its workers' too.
        if command.contains("talon_host"), name == "talon-seed" { return .seed }
        if command.hasPrefix("talon: worker") || command.contains("talon_host") { return .worker }
        return nil
    }
}
