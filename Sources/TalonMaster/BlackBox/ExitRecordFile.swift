import Glibc
import TalonPlatform

/// The records of workers' ends on disk: one JSON object a line. There are at most two files: a full one is renamed, and
/// takes the place of the one before.
struct ExitRecordFile {
    let path: String
    /// Bytes after which a file is full.
    var limit = 1 << 20
    /// What was said last of failures: once is enough.
    private var problem = ""

    init(folder: String) {
        path = "\(folder)/worker-exits.jsonl"
    }

    /// Appends a record. Returns what is wrong, if that is new.
    mutating func append(_ record: ExitRecord) -> String? {
        do throws(SystemError) {
            let size = FileAccess.status(of: path, followingLinks: false)?.size ?? 0
            if size >= limit { try FileAccess.rename(path, to: "\(path).1") }
            let file = try FileDescriptor.open(path, flags: O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK)
            defer { file.close() }
            guard file.writeAll(Array((record.json.encoded + "\n").utf8), before: 0) else {
                throw .last("write", path)
            }
            problem = ""
            return nil
        } catch {
            let text = "\(error)"
            defer { problem = text }
            return text == problem ? nil : text
        }
    }
}
