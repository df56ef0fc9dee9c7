/// The types of a signature: fixed in width, and none that C compilers disagree about.
package enum CallType: String, CaseIterable, Sendable {
    case void
    case bool
    case i8
    case i16
    case i32
    case i64
    case u8
    case u16
    case u32
    case u64
    case f32
    case f64
    /// A NUL-terminated text.
    case cstr
    case ptr
    /// A `talon_str`, by value.
    case str
    /// A plain C function.
    case fn

    /// The values that an integer type can hold; nil for a type that is no integer.
    package var integerRange: (lower: Int64, upper: UInt64)? {
        switch self {
        case .bool: (0, 1)
        case .i8: (Int64(Int8.min), UInt64(Int8.max))
        case .i16: (Int64(Int16.min), UInt64(Int16.max))
        case .i32: (Int64(Int32.min), UInt64(Int32.max))
        case .i64: (.min, UInt64(Int64.max))
        case .u8: (0, UInt64(UInt8.max))
        case .u16: (0, UInt64(UInt16.max))
        case .u32: (0, UInt64(UInt32.max))
        case .u64: (0, .max)
        default: nil
        }
    }
}
