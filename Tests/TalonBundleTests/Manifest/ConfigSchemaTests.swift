import TalonHooks
import TalonYAML
import Testing

@testable import TalonBundle

@Suite struct `The settings of a plugin` {
    private func manifest() throws -> PluginManifest { try Sample.parse(Sample.full) }

    private func resolve(_ given: [String: String], in manifest: PluginManifest) throws(YAMLError) -> [String] {
        let list = given.sorted { $0.key < $1.key }.map { GivenSetting(key: $0.key, value: $0.value, line: 3) }
        return try manifest.config.resolve(list, file: "plugins", line: 2).map { "\($0.key)=\($0.value)" }
    }

    @Test func `are those given and else the defaults, in the order of their names`() throws {
        let manifest = try manifest()
        let defaults = try resolve(["password": "x"], in: manifest)
        #expect(defaults == ["factor=1.5", "greeting=hello", "loud=false", "password=x", "port=80"])
        let given = try resolve(
            ["password": "", "port": "0x1F90", "loud": "True", "factor": "2", "greeting": "hi"], in: manifest)
        #expect(given == ["factor=2", "greeting=hi", "loud=true", "password=", "port=8080"])
    }

    @Test func `without a value and a default are left out`() throws {
        let manifest = try Sample.parse(Sample.head + "config: { a: { type: string } }\n")
        #expect(try resolve([:], in: manifest) == [])
    }

    @Test(
        arguments: [
            ([:], "2: config.password: is required and is not set; set it in the plugin's entry of `plugins`"),
            (["greetin": "x"], "3: config.greetin: is no setting of this plugin: did you mean 'greeting'?"),
            (
                ["zzzzzz": "x"],
                "3: config.zzzzzz: is no setting of this plugin; use greeting, port, factor, loud, password"
            ),
            (["greeting": "hullo"], "3: config.greeting: is 'hullo'; use one of hello, hi: did you mean 'hello'?"),
            (["port": "0"], "3: config.port: is '0'; the minimum is 1"),
            (["port": "65536"], "3: config.port: is '65536'; the maximum is 65535"),
            (["port": "http"], "3: config.port: is 'http', which is no integer; write a whole number"),
            (["factor": "1,5"], "3: config.factor: is '1,5', which is no number; write one such as 1.5"),
            (["loud": "yes"], "3: config.loud: is 'yes', which is no boolean; use true or false"),
        ] as [([String: String], String)])
    func `are refused if they are wrong`(given: [String: String], message: String) throws {
        let manifest = try manifest()
        #expect(
            Sample.refusal { () throws(YAMLError) in _ = try resolve(given, in: manifest) } == "plugins:" + message)
    }

    @Test func `are refused if the manifest declares none`() throws {
        let manifest = try Sample.parse(Sample.head)
        let message = Sample.refusal { () throws(YAMLError) in _ = try resolve(["a": "b"], in: manifest) }
        #expect(
            message
                == "plugins:3: config.a: the plugin's manifest declares no settings; leave it out, or declare it under config"
        )
    }

    @Test func `that are secret are not shown`() throws {
        let manifest = try Sample.hook(
            ["u8 config pin"],
            config: "config: { pin: { type: integer, required: true, secret: true, maximum: 9999 } }\n")
        for value in ["12345", "hunter2", "300"] {
            let entry = try PluginEntry.parse("{id: a.b, config: {pin: \(value)}}", source: "plugins").first
            let message = Sample.refusal { () throws(YAMLError) in
                _ = try manifest.describe(entry: entry, origin: "x")
            }
            #expect(message?.hasPrefix("plugins:1: config.pin: has a value") == true)
            #expect(message?.contains(value) == false)
        }
    }
}
