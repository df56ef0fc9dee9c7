/// What is accepted of a request head: the settings `limit_request_line`, `limit_request_fields` and
/// `limit_request_field_size`, with gunicorn's meanings.
package struct HTTPLimits: Equatable, Sendable {
    /// What becomes of a field whose name has an underscore: the setting `header_map`.
    package enum UnderscoredNames: Equatable, Sendable {
        /// The field is left out, after it was checked like any other.
        case drop
        /// The request is refused.
        case refuse
        /// The field is kept and marked.
        case keep
    }

    /// The longest request line, without its CRLF.
    package let requestLine: Int
    /// The most field lines, those that are dropped included: dropping must not be free.
    package let fields: Int
    /// The longest field line, with its CRLF.
    package let fieldSize: Int
    /// The most bytes of all field lines together.
    package let headSize: Int
    /// What becomes of a field whose name has an underscore.
    package private(set) var underscoredNames: UnderscoredNames
    /// What is let through that is refused else.
    package let leniency: Leniency

    /// Limits as gunicorn reads them: values out of range mean the largest one.
    ///
    /// A request line limit of 0 is documented as "unlimited"; here that is 1 MiB, because a peer must not be able to
    /// fill the memory. Without `headSize` the other limits bound the head.
    package init(
        requestLine: Int = 4094, fields: Int = 100, fieldSize: Int = 8190, headSize: Int? = nil,
        underscoredNames: UnderscoredNames = .drop, leniency: Leniency = []
    ) {
        self.requestLine = requestLine == 0 ? 1 << 20 : (1...8190).contains(requestLine) ? requestLine : 8190
        self.fields = (1...32768).contains(fields) ? fields : 32768
        self.fieldSize = (1...8190).contains(fieldSize) ? fieldSize : 8190
        self.headSize = headSize ?? self.fields * (self.fieldSize + 2) + 4
        self.underscoredNames = underscoredNames
        self.leniency = leniency
    }

    /// The same, for one whose fields with underscores are looked at afterwards: ``ProxyTrust/settle(_:_:)``.
    var keepingUnderscores: HTTPLimits {
        var limits = self
        limits.underscoredNames = .keep
        return limits
    }
}
