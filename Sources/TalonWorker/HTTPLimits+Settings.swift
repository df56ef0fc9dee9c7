import TalonHTTP
import TalonSettings

extension HTTPLimits {
    /// As the settings of the server say.
    init(_ inheritance: Inheritance) {
        let standard = HTTPLimits()
        let names: UnderscoredNames =
            switch inheritance.setting("header_map") {
            case "refuse": .refuse
            case "dangerous": .keep
            default: .drop
            }
        self.init(
            requestLine: inheritance.number("limit_request_line", default: standard.requestLine),
            fields: inheritance.number("limit_request_fields", default: standard.fields),
            fieldSize: inheritance.number("limit_request_field_size", default: standard.fieldSize),
            underscoredNames: names)
    }
}
