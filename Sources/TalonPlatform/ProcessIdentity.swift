import CTalonPlatform
import Glibc

/// Whom a process runs as: a user, the group of what it makes, and its other groups; credentials(7).
package struct ProcessIdentity: Equatable, Sendable {
    package let user: UInt32
    package let group: UInt32
    /// Supplementary groups.
    package let groups: [UInt32]

    package init(user: UInt32, group: UInt32, groups: [UInt32]) {
        self.user = user
        self.group = group
        self.groups = groups
    }

    /// This process's own.
    package static var current: ProcessIdentity {
        ProcessIdentity(user: geteuid(), group: getegid(), groups: [])
    }

    /// The number of a user that is given by name or number; getpwnam(3). nil if there is none of that name.
    package static func user(_ text: String) -> UInt32? {
        if let number = number(text) { return number }
        return getpwnam(text)?.pointee.pw_uid
    }

    /// The number of a group that is given by name or number; getgrnam(3). nil if there is none of that name.
    package static func group(_ text: String) -> UInt32? {
        if let number = number(text) { return number }
        return getgrnam(text)?.pointee.gr_gid
    }

    /// The highest one is none: to the kernel it says "leave it as it is".
    private static func number(_ text: String) -> UInt32? { UInt32(text).flatMap { $0 == .max ? nil : $0 } }

    /// The group that the user database gives a user; getpwuid(3). nil for a number without a name.
    package static func primaryGroup(ofUser user: UInt32) -> UInt32? {
        getpwuid(user)?.pointee.pw_gid
    }

    /// All groups of a user by the group database, `group` among them; getgrouplist(3). nil if the number has no name.
    package static func groups(ofUser user: UInt32, with group: UInt32) -> [UInt32]? {
        guard let entry = getpwuid(user) else { return nil }
        var count: Int32 = 64
        while true {
            var groups = [gid_t](repeating: 0, count: Int(count))
            let room = count
            if getgrouplist(entry.pointee.pw_name, group, &groups, &count) >= 0 {
                return Array(groups.prefix(Int(count)))
            }
            guard count > room else { return nil }
        }
    }
}

extension FileAccess {
    /// Gives a file or folder to a user, unless it is a link or has other names; chown(2). Without a right to that,
    /// nothing happens.
    package static func give(_ path: String, to identity: ProcessIdentity) {
        guard let file = try? FileDescriptor.open(path, flags: O_RDONLY | O_NOFOLLOW | O_NONBLOCK) else { return }
        defer { file.close() }
        var status = stat()
        guard fstat(file.rawValue, &status) == 0 else { return }
        let isFolder = status.st_mode & S_IFMT == S_IFDIR
        guard isFolder || (status.st_mode & S_IFMT == S_IFREG && status.st_nlink == 1) else { return }
        _ = fchown(file.rawValue, identity.user, identity.group)
    }

    /// Gives a unix socket to a user; lchown(2).
    package static func giveSocket(_ path: String, to identity: ProcessIdentity) throws(SystemError) {
        guard lchown(path, identity.user, identity.group) == 0 else { throw .last("chown", path) }
    }

    /// Whether the folder is this process's user's own, and nobody else may write to it.
    package static func isOwnFolder(_ path: String) -> Bool {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return false }
        return status.st_uid == geteuid() && status.st_mode & 0o002 == 0
    }
}
