package import TalonPlatform

extension SettingsLayer {
    /// What is to be said once at the start of settings that somebody has set and that do not do what their name says.
    package var notes: [(level: LogLevel, text: String)] {
        Catalogue.settings.compactMap { setting in
            let source = source(of: setting.name)
            guard let value = values[setting.name], source != .standard, !setting.isStandard(value) else { return nil }
            switch setting.support {
            case .full, .better: return nil
            case .later: return (.info, "\(setting.name) (\(source)) has no effect yet")
            case .ignored(let why): return (.debug, "\(setting.name) (\(source)) has no effect: \(why)")
            case .missing(let what): return (.warning, "\(setting.name) (\(source)) is not supported: \(what)")
            }
        }
    }
}
