import TalonHooks

/// A value with its place: reads it as what it should be, or says what is wrong with it.
struct ManifestField: Sendable {
    var place: ManifestPlace
    let value: ManifestValue

    init(_ value: ManifestValue, file: String, field: String) {
        self.init(value, ManifestPlace(file: file, line: value.line, field: field))
    }

    init(_ value: ManifestValue, _ place: ManifestPlace) {
        self.value = value
        self.place = place
    }

    /// The text as it is, of at most `limit` bytes.
    func text(_ wanted: String = "a text", limit: Int = 4096) throws(ManifestError) -> String {
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
    func words(_ wanted: String) throws(ManifestError) -> String {
        let text = try text(wanted)
        guard text.contains(where: { !$0.isWhitespace }) else { throw place.error("is empty; write \(wanted)") }
        return text
    }

    func flag() throws(ManifestError) -> Bool {
        let text = try text("true or false")
        guard let flag = ManifestField.flag(text) else { throw place.error("\(place.found(text)); use true or false") }
        return flag
    }

    static func flag(_ text: String) -> Bool? {
        switch text {
        case "true", "True", "TRUE": true
        case "false", "False", "FALSE": false
        default: nil
        }
    }

    /// One of a few words.
    func choice(_ words: [String]) throws(ManifestError) -> String {
        let wanted = "one of " + words.joined(separator: ", ")
        let text = try text(wanted)
        guard words.contains(text) else {
            throw place.error("\(place.found(text)); use \(wanted)\(NearMiss.hint(text, among: words))")
        }
        return text
    }

    func hookPoint() throws(ManifestError) -> HookPoint {
        try ManifestField.hookPoint(try text("a hook point"), place)
    }

    static func hookPoint(_ name: String, _ place: ManifestPlace) throws(ManifestError) -> HookPoint {
        if let point = HookPoint.allCases.first(where: { $0.name == name }) { return point }
        let names = HookPoint.allCases.map(\.name)
        let hint = NearMiss.hint(name, among: names, else: "; use one of " + names.joined(separator: ", "))
        throw place.error("\(quoted(name)) is no hook point\(hint)")
    }

    /// More hooks or settings no plugin has; among so many, looking through all of them for each costs nothing.
    private static let countLimit = 256

    private func checkCount(_ count: Int, of what: String, _ isLimited: Bool) throws(ManifestError) {
        guard !isLimited || count <= ManifestField.countLimit else {
            throw place.error("has \(count) \(what); \(ManifestField.countLimit) are allowed")
        }
    }

    /// Its elements, named "hooks[0]" and so on.
    func list(of what: String, isLimited: Bool = false) throws(ManifestError) -> [ManifestField] {
        guard case .list(let elements) = value.content else {
            throw place.error("is \(value.kind); write a list of \(what)")
        }
        try checkCount(elements.count, of: what, isLimited)
        return elements.enumerated().map { index, element in
            ManifestField(element, file: place.file, field: "\(place.field)[\(index)]")
        }
    }

    /// Its entries in order, each named by its key.
    func mapping(of what: String, isLimited: Bool = false)
        throws(ManifestError) -> [(key: String, field: ManifestField)]
    {
        guard case .mapping(let entries) = value.content else {
            throw place.error("is \(value.kind); write a mapping of \(what)")
        }
        try checkCount(entries.count, of: what, isLimited)
        return entries.map { entry in
            var inner = place
            inner.line = entry.line
            inner.field = (place.field.isEmpty ? "" : place.field + ".") + quoted(entry.key).dropFirst().dropLast()
            return (entry.key, ManifestField(entry.value, inner))
        }
    }

    /// Its fields; one whose key is not among `known` is refused.
    func fields(_ known: [String]) throws(ManifestError) -> ManifestFields {
        var fields: [String: ManifestField] = [:]
        for (key, field) in try mapping(of: "KEY: VALUE") {
            guard known.contains(key) else {
                let hint = NearMiss.hint(key, among: known, else: "; use " + known.joined(separator: ", "))
                throw field.place.error("is unknown\(hint)")
            }
            fields[key] = field
        }
        return ManifestFields(place: place, fields: fields)
    }
}

/// The fields of a mapping with known keys.
struct ManifestFields: Sendable {
    /// Of the mapping.
    let place: ManifestPlace
    fileprivate let fields: [String: ManifestField]

    subscript(key: String) -> ManifestField? { fields[key] }

    func required(_ key: String, _ help: String) throws(ManifestError) -> ManifestField {
        guard let field = fields[key] else {
            throw place.inner(key).error("is missing; \(help)")
        }
        return field
    }
}
