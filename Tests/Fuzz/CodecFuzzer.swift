// The HTTP codec under libFuzzer: `make fuzz`. Built as one module with the sources of the codec, whose traps count as
// findings as much as what the invariants say.

/// What libFuzzer calls with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzCodec(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: data, count: size))
    if let violation = CodecInvariants.violation(input) { fatalError(violation) }
    return 0
}
