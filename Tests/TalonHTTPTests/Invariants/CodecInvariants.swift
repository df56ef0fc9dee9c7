/// What must hold for an input of the fuzzer.
enum CodecInvariants {
    /// What does not hold; nil if all does.
    ///
    /// An input whose first byte has the highest bit is a response, any other the bytes of a connection.
    static func violation(_ input: [UInt8]) -> String? {
        guard let first = input.first else { return nil }
        return first & 0x80 == 0
            ? StreamInvariants.violation(input) : ResponseInvariants.violation(Array(input.dropFirst()))
    }
}
