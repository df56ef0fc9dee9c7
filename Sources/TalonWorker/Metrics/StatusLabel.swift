import TalonHTTP
import TalonMetrics

/// The values of the labels `status` and `status_class`.
enum StatusLabel {
    /// Of a request that was not answered, because its client had left.
    static let none = "none"
    /// How many statuses there are to tell apart: 0 is none, and an application may state up to 999.
    static let count = 1000
    static let classes = [none, "1xx", "2xx", "3xx", "4xx", "5xx", LabelTable.other]

    /// Registered statuses have their number, others their class: an application may state any.
    static func text(_ status: Int) -> String {
        if status < 100 { return none }
        return HTTPStatus.reasonPhrase(status) == "Unknown" ? "\(status / 100)xx" : "\(status)"
    }

    /// The index in ``classes``.
    static func classIndex(_ status: Int) -> Int { min(max(status / 100, 0), classes.count - 1) }
}
