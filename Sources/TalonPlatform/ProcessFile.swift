/// Files of proc(5) that say something of a process, taken apart.
enum ProcessFile {
    /// The fields of `/proc/…/stat` from the third on, which is the state. The second is the name, in parentheses, and
    /// may hold anything, so they begin behind the last one. None if the process is gone.
    static func stat(_ folder: String) -> [Substring] {
        let text = text(folder + "/stat")
        guard let end = text.lastIndex(of: ")") else { return [] }
        return text[text.index(after: end)...].split(separator: " ")
    }

    /// The value of a line "NAME: value" of `/proc/…/status`; nil if there is none.
    static func status(_ folder: String, _ name: String) -> Substring? {
        let line = text(folder + "/status").split(separator: "\n").first { $0.hasPrefix(name + ":") }
        return line?.dropFirst(name.count + 1).drop(while: \.isWhitespace)
    }

    /// Bytes that are no UTF-8 are shown as U+FFFD. Empty if there is no such file.
    static func text(_ path: String) -> String {
        String(decoding: (try? FileDescriptor.contents(of: path, limit: 1 << 16)) ?? [], as: UTF8.self)
    }
}
