import Glibc

/// Which process this is.
enum ProcessIdentity {
    /// Its pid; another one after a fork.
    static var current: Int32 { getpid() }
}
