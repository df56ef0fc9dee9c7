import TalonPlatform

/// A value with its place: reads it as what it should be, or says what is wrong with it.
package struct YAMLField: Sendable {
    package var place: YAMLPlace
    package let value: YAMLValue

    package init(_ value: YAMLValue, file: String, field: String) {
        self.init(value, YAMLPlace(file: file, line: value.line, field: field))
    }

    package init(_ value: YAMLValue, _ place: YAMLPlace) {
        self.value = value
        self.place = place
    }

    /// The text as it is, of at most `limit` bytes.
    package func text(_ wanted: String = "a text", limit: Int = 4096) throws(YAMLError) -> String {
        switch value.content {
        case .text(let text):
            guard text.utf8.count <= limit else {
                throw place.error("is \(text.utf8.count) bytes long; \(limit) are allowed")
            }
            return text
        case .nothing: throw place.error("has no value; write \(wanted)")
        case .list, .mapping: throw place.error("is \(value.kind); write \(wanted)")
        }
    }

    /// A text with something in it.
    package func words(_ wanted: String) throws(YAMLError) -> String {
        let text = try text(wanted)
        guard text.contains(where: { !$0.isWhitespace }) else { throw place.error("is empty; write \(wanted)") }
        return text
    }

    package func flag() throws(YAMLError) -> Bool {
        let text = try text("true or false")
        guard let flag = YAMLField.flag(text) else { throw place.error("\(place.found(text)); use true or false") }
        return flag
    }

    package static func flag(_ text: String) -> Bool? {
        switch text {
        case "true", "True", "TRUE": true
        case "false", "False", "FALSE": false
        default: nil
        }
    }

    /// One of a few words.
    package func choice(_ words: [String]) throws(YAMLError) -> String {
        let wanted = "one of " + words.joined(separator: ", ")
        let text = try text(wanted)
        guard words.contains(text) else {
            throw place.error("\(place.found(text)); use \(wanted)\(NearMiss.hint(text, among: words))")
        }
        return text
    }

    /// More hooks or settings no plugin has; among so many, looking through all of them for each costs nothing.
    private static let countLimit = 256

    private func checkCount(_ count: Int, of what: String, _ isLimited: Bool) throws(YAMLError) {
        guard !isLimited || count <= YAMLField.countLimit else {
            throw place.error("has \(count) \(what); \(YAMLField.countLimit) are allowed")
        }
    }

    /// Its elements, named "hooks[0]" and so on.
    package func list(of what: String, isLimited: Bool = false) throws(YAMLError) -> [YAMLField] {
        guard case .list(let elements) = value.content else {
            throw place.error("is \(value.kind); write a list of \(what)")
        }
        try checkCount(elements.count, of: what, isLimited)
        return elements.enumerated().map { index, element in
            YAMLField(element, file: place.file, field: "\(place.field)[\(index)]")
        }
    }

    /// Its entries in order, each named by its key.
    package func mapping(of what: String, isLimited: Bool = false)
        throws(YAMLError) -> [(key: String, field: YAMLField)]
    {
        guard case .mapping(let entries) = value.content else {
            throw place.error("is \(value.kind); write a mapping of \(what)")
        }
        try checkCount(entries.count, of: what, isLimited)
        return entries.map { entry in
            var inner = place
            inner.line = entry.line
            inner.field = (place.field.isEmpty ? "" : place.field + ".") + quoted(entry.key).dropFirst().dropLast()
            return (entry.key, YAMLField(entry.value, inner))
        }
    }

    /// Its fields; one whose key is not among `known` is refused.
    package func fields(_ known: [String]) throws(YAMLError) -> YAMLFields {
        var fields: [String: YAMLField] = [:]
        for (key, field) in try mapping(of: "KEY: VALUE") {
            guard known.contains(key) else {
                let hint = NearMiss.hint(key, among: known, else: "; use " + known.joined(separator: ", "))
                throw field.place.error("is unknown\(hint)")
            }
            fields[key] = field
        }
        return YAMLFields(place: place, fields: fields)
    }
}

/// The fields of a mapping with known keys.
package struct YAMLFields: Sendable {
    /// Of the mapping.
    package let place: YAMLPlace
    fileprivate let fields: [String: YAMLField]

    package subscript(key: String) -> YAMLField? { fields[key] }

    package func required(_ key: String, _ help: String) throws(YAMLError) -> YAMLField {
        guard let field = fields[key] else {
            throw place.inner(key).error("is missing; \(help)")
        }
        return field
    }
}
