/// What a request may do though the RFC, or convention, says otherwise: gunicorn's flags, all off unless asked for.
package struct Leniency: OptionSet, Equatable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// `permit_obsolete_folding`: a field's value goes on in lines that begin with white space (RFC 9112 §5.2).
    package static let foldedLines = Leniency(rawValue: 1)
    /// `strip_header_spaces`: white space between a field's name and its colon (RFC 9112 §5.1) is passed over.
    package static let spacedNames = Leniency(rawValue: 2)
    /// `permit_unconventional_http_method`: any token is a method.
    package static let anyMethod = Leniency(rawValue: 4)
    /// `permit_unconventional_http_version`: any `HTTP/d.d`, which is then treated as 1.0 or 1.1.
    package static let anyVersion = Leniency(rawValue: 8)
    /// `casefold_http_method`: a method is written in capitals. Lower case must be permitted before.
    package static let capitalMethods = Leniency(rawValue: 16)
}
