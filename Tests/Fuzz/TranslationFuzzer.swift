// Heads of HTTP/2 on their way to HTTP/1.1 under libFuzzer: `make fuzz`. Built as CodecFuzzer.swift is.

/// What libFuzzer calls with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzTranslation(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: data, count: size))
    if let violation = TranslationInvariants.violation(input) { fatalError(violation) }
    return 0
}
