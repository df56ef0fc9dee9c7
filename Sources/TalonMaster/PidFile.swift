import TalonPlatform

/// The file that tells others the master's pid.
struct PidFile {
    private let path: String

    /// Writes the file. Refuses if it names a process that lives.
    static func create(_ path: String) throws(StartError) -> PidFile {
        if let other = otherServer(path) {
            throw StartError("talon: Already running on PID \(other) (or pid file '\(path)' is stale)", status: 1)
        }
        do {
            try FileAccess.replace(path, with: Array("\(ThisProcess.pid)\n".utf8))
        } catch {
            throw StartError("talon: --pid: \(error)", status: 1)
        }
        return PidFile(path: path)
    }

    /// Who lives and is named in the file, and is not this process. EPERM means that there is somebody; kill(2).
    private static func otherServer(_ path: String) -> Int32? {
        pid(in: path).flatMap { $0 != ThisProcess.pid && Signal(0).reaches($0) ? $0 : nil }
    }

    /// Writes it again, if it is gone or names nobody.
    func rewrite() throws(SystemError) {
        guard PidFile.otherServer(path) == nil else { return }
        try FileAccess.replace(path, with: Array("\(ThisProcess.pid)\n".utf8))
    }

    /// The same file under another name; rename(2).
    func renamed(to other: String) throws(SystemError) -> PidFile {
        try FileAccess.rename(path, to: other)
        return PidFile(path: other)
    }

    /// Removes the file, if it is still ours.
    func remove() {
        if PidFile.pid(in: path) == ThisProcess.pid { FileAccess.remove(path) }
    }

    private static func pid(in path: String) -> Int32? {
        guard let bytes = try? FileDescriptor.contents(of: path, limit: 32) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace).first
        return text.flatMap { Int32($0) }.flatMap { $0 > 0 ? $0 : nil }
    }
}
