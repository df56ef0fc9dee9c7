import Glibc

extension UnsafeMutablePointer<dirent> {
    /// The name of an entry; readdir(3). Read in place: an entry may be shorter in memory than its type.
    var name: String {
        withUnsafePointer(to: &pointee.d_name) { field in
            field.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: field.pointee)) {
                String(cString: $0)
            }
        }
    }
}
