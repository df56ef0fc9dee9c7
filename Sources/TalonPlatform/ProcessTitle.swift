import CTalonPlatform

extension ThisProcess {
    /// What lists of processes show for this one, in the place of its arguments. Without a word where that cannot be.
    package static func setTitle(_ title: String) {
        _ = LogText.oneLine(title).withCString { talon_set_title($0) }
    }
}
