import Testing

@testable import TalonSettings

private let place = "gunicorn.conf.py:3"

@Suite struct `A value in a configuration file` {
    @Test(arguments: Catalogue.names) func `is taken if gunicorn takes it`(name: String) throws {
        let setting = try #require(Catalogue.setting(named: name))
        for (found, expected) in SampleValue.right(setting.kind) {
            let value = try setting.value(of: found, place: place)
            #expect(value == expected, "\(found)")
        }
        #expect(try setting.value(of: .none, place: place) == nil)
    }

    @Test(arguments: Catalogue.names) func `is refused if it is wrong, with place, name, and what to use`(
        name: String
    ) throws {
        let setting = try #require(Catalogue.setting(named: name))
        for found in SampleValue.wrong(setting.kind) {
            do {
                let value = try setting.value(of: found, place: place)
                Issue.record("\(name) takes \(found) as \(String(describing: value))")
            } catch {
                #expect(error.code == .value && error.status == 1, "\(found)")
                #expect(error.message.hasPrefix("gunicorn.conf.py:3: \(name): "), "\(error.message)")
                #expect(error.message.contains("; use ") || error.message.contains(" is n"), "\(error.message)")
            }
        }
    }

    @Test(
        arguments: [
            ("workers", .text("four"), "workers: is 'four'; use a whole number from 1 to 4096, or auto"),
            ("timeout", .real(1.5), "timeout: is 1.5; use a whole number from 0 to 2147483"),
            ("preload_app", .text("yes"), "preload_app: is 'yes'; use true or false"),
            (
                "loglevel", .text("inf"),
                "loglevel: is 'inf'; use one of debug, info, warning, error, critical: did you mean 'info'?"
            ),
            ("bind", .text("h:x"), "bind: 'h:x' is no address; use HOST:PORT, [V6]:PORT or unix:PATH"),
            ("raw_env", .list([.text("A")]), "raw_env: 'A' is not NAME=VALUE"),
            ("redis_password", .number(12345), "redis_password: is a value of another kind; use a text"),
        ] as [(String, ConfigurationValue, String)])
    func `that is wrong is said in a sentence`(name: String, found: ConfigurationValue, message: String) throws {
        let setting = try #require(Catalogue.setting(named: name))
        let error = try #require(throws: SettingsError.self) { _ = try setting.value(of: found, place: place) }
        #expect(error.message == "gunicorn.conf.py:3: \(message)")
    }
}

@Suite struct `A bad value in the environment` {
    @Test(arguments: Catalogue.settings.filter { $0.variable != nil }.map(\.name))
    func `names its variable`(name: String) throws {
        let setting = try #require(Catalogue.setting(named: name))
        let variable = try #require(setting.variable)
        let bad: String
        switch setting.kind {
        case .number, .count, .mode, .choice, .networks, .addresses: bad = "no such thing"
        // Any text is right, or means false.
        case .text, .flag, .documents: return
        default:
            Issue.record("no bad value is known for \(name)")
            return
        }
        let error = try #require(throws: SettingsError.self) {
            try SettingsLayer.environment { $0 == variable ? bad : nil }
        }
        #expect(error.code == .value && error.message.hasPrefix("\(variable): "))
    }
}
