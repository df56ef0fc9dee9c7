import CTalonPlatform

extension ThisProcess {
    /// What lists of processes show for this one, in the place of its arguments. Without a word where that cannot be.
    package static func setTitle(_ title: String) {
        _ = LogText.oneLine(title).withCString { talon_set_title($0) }
    }

    /// What they show as the name of the calling thread: 15 bytes.
    package static func setThreadName(_ name: String) {
        name.withCString { talon_set_thread_name($0) }
    }
}
