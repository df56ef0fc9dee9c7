import TalonPlatform

/// What becomes of a user's settings in Talon, for `talon check`: a line each.
package struct SettingsReport {
    package enum Verdict: String, Sendable, CaseIterable {
        case same = "same"
        case better = "better"
        case noEffect = "no effect"
        case notSupported = "not supported"
    }

    package struct Line: Sendable, Equatable {
        package let verdict: Verdict
        package let text: String
    }

    package private(set) var lines: [Line] = []

    /// Of a file's entries, one by one: a bad value does not hide the next.
    package init(_ file: ConfigurationFile, in layer: SettingsLayer?) {
        for entry in file.entries {
            guard let setting = Catalogue.setting(named: entry.name) else {
                let hint = NearMiss.hint(entry.name, among: Catalogue.names)
                add(.noEffect, "\(entry.name) (\(entry.place)): no setting of gunicorn or Talon\(hint)")
                continue
            }
            do {
                guard let value = try setting.value(of: entry.value, place: entry.place) else { continue }
                add(setting, value, entry.place)
            } catch {
                add(.notSupported, error.message)
            }
        }
        for setting in Catalogue.settings {
            guard let layer, let value = layer[setting.name] else { continue }
            switch layer.source(of: setting.name) {
            case .standard, .file: continue
            case let source: add(setting, value, source.description)
            }
        }
    }

    /// What no single setting can say of itself, or why nothing could be read.
    package mutating func addFailure(_ text: String) {
        add(.notSupported, text)
    }

    private mutating func add(_ setting: Setting, _ value: SettingValue, _ place: String) {
        let shown = setting.kind == .hook ? setting.name : "\(setting.name) = \(setting.shown(value))"
        let head = LogText.oneLine("\(shown) (\(place))")
        guard !setting.isStandard(value) || setting.support == .full else { return add(.same, head) }
        switch setting.support {
        case .full: addSupported(setting, value, head)
        case .better(let why): add(.better, "\(head): \(why)")
        case .later: add(.noEffect, "\(head): not yet")
        case .ignored(let why): add(.noEffect, "\(head): \(why)")
        case .missing(let what): add(.notSupported, "\(head): \(what)")
        }
    }

    private mutating func addSupported(_ setting: Setting, _ value: SettingValue, _ head: String) {
        guard setting.name == "worker_class" else { return add(.same, head) }
        if WorkerKind(className: value.description) == nil {
            add(.notSupported, "\(head): use one of \(WorkerKind.names)")
        } else {
            add(.same, head)
        }
    }

    private mutating func add(_ verdict: Verdict, _ text: String) {
        lines.append(Line(verdict: verdict, text: text))
    }

    package var isSupported: Bool { !lines.contains { $0.verdict == .notSupported } }

    package var text: String {
        let width = Verdict.allCases.map(\.rawValue.count).max() ?? 0
        let rows = lines.map { line in
            let padded = line.verdict.rawValue + String(repeating: " ", count: width - line.verdict.rawValue.count)
            return "\(padded)  \(line.text)\n"
        }
        let counts = Verdict.allCases.map { verdict in
            "\(lines.count { $0.verdict == verdict }) \(verdict.rawValue)"
        }
        return rows.joined() + counts.joined(separator: ", ") + "\n"
    }
}
