import Testing

@testable import TalonSettings

private func settings(_ settings: [String: String]) throws -> RedisSettings? {
    let all = ["redis_enabled": "true"].merging(settings) { $1 }
    return try RedisSettings { all[$0] }
}

@Suite struct `The settings of Redis` {
    @Test func `are none unless it is on`() throws {
        #expect(try settings(["redis_enabled": "false"]) == nil)
        #expect(try RedisSettings { _ in nil } == nil)
    }

    @Test func `have the guide's defaults, and an empty password is none`() throws {
        let found = try #require(try settings(["redis_password": "", "redis_username": "", "redis_url": ""]))
        #expect(found.server == RedisServer(address: .tcp(host: "localhost", port: 6379)))
        #expect(found.interval == 30 && found.timeToLive == 90)
    }

    @Test func `are not what Kubernetes says of a Service of that name`() throws {
        let variables = ["REDIS_PORT": "tcp://10.0.0.1:6379", "REDIS_HOST": "redis"]
        let layer = try SettingsLayer.environment { variables[$0] }
        #expect(layer["redis_port"] == nil && layer["redis_host"] == .text("redis"))
        #expect(throws: SettingsError.self) { try SettingsLayer.environment { $0 == "REDIS_PORT" ? "tcp" : nil } }
    }

    @Test func `take a path for a host`() throws {
        #expect(try settings(["redis_host": "/run/redis.sock"])?.server.address == .unix(path: "/run/redis.sock"))
    }

    @Test(
        arguments: [
            ("redis://h", RedisServer.Address.tcp(host: "h", port: 6379), 0, nil, nil),
            ("redis://h:6380/2", .tcp(host: "h", port: 6380), 2, nil, nil),
            ("REDIS://h/", .tcp(host: "h", port: 6379), 0, nil, nil),
            ("redis://:secret@h:1", .tcp(host: "h", port: 1), 0, nil, "secret"),
            ("redis://ann:s%40c%3Aret@[::1]:7/3", .tcp(host: "::1", port: 7), 3, "ann", "s@c:ret"),
            ("redis://ann:a:b@c@h", .tcp(host: "h", port: 6379), 0, "ann", "a:b@c"),
            ("redis://h?db=4", .tcp(host: "h", port: 6379), 4, nil, nil),
            ("unix:///run/redis.sock?db=1", .unix(path: "/run/redis.sock"), 1, nil, nil),
            ("unix://:pw@/run/a%20b.sock", .unix(path: "/run/a b.sock"), 0, nil, "pw"),
        ] as [(String, RedisServer.Address, Int, String?, String?)])
    func `read a URL`(url: String, address: RedisServer.Address, database: Int, user: String?, password: String?) throws
    {
        var expected = RedisServer(address: address)
        expected.database = database
        expected.user = user
        expected.password = password
        #expect(try settings(["redis_url": url, "redis_host": "other", "redis_db": "9"])?.server == expected)
    }

    @Test func `let the password and the user stand beside a URL`() throws {
        let server = try settings(["redis_url": "redis://h", "redis_username": "u", "redis_password": "p"])?.server
        #expect(server?.user == "u" && server?.password == "p")
    }

    @Test(arguments: [
        "", "h:1", "http://:hunter2@h", "redis://", "redis://:hunter2@", "redis://:hunter2@h:0", "redis://h:65536",
        "redis://:hunter2@h:x", "redis://:hunter2@h/x", "redis://h/-1", "redis://:hunter2%@h", "redis://:hunter2%zz@h",
        "redis://:%00hunter2@h", "redis://:hunter2@h?ssl=1", "redis://:hunter2@[::1", "redis://[::1]x",
        "unix://:hunter2@run.sock", "redis://:%ffhunter2@h", "redis://:hunter2%+1@h",
    ]) func `refuse another URL and do not show it`(url: String) throws {
        guard !url.isEmpty else { return }
        let error = #expect(throws: SettingsError.self) { try settings(["redis_url": url]) }
        #expect(error?.message.hasPrefix("redis_url: ") == true && error?.message.contains("hunter2") == false)
    }

    @Test func `say that there is no TLS to Redis`() {
        let error = #expect(throws: SettingsError.self) { try settings(["redis_url": "rediss://h"]) }
        #expect(error?.message.contains("no TLS to Redis") == true)
    }

    @Test func `refuse a user without a password, and a name that no log can show`() {
        #expect(throws: SettingsError.self) { try settings(["redis_username": "ann"]) }
        #expect(throws: SettingsError.self) { try settings(["instance": "a\nb"]) }
        #expect(throws: SettingsError.self) { try settings(["instance": String(repeating: "x", count: 201)]) }
    }

    @Test func `name pods apart whose long names end differently`() {
        let names = ["a", "b"].map { end in
            InstanceName.of(given: nil, listener: "") { _ in String(repeating: "x", count: 250) + end }
        }
        #expect(names[0] != names[1] && names.allSatisfy { $0.count == 200 })
    }

    private func interval(_ variables: [String: String]) throws -> String? {
        let all = ["REDIS_ENABLED": "true"].merging(variables) { $1 }
        let sources = try SettingsSources(commandLine: []) { all[$0] }
        let texts = try ServerSettings(try sources.merged(nil)).texts
        return try RedisSettings { name in texts.first { $0.name == name }?.value }.map {
            "\($0.interval) \($0.timeToLive ?? -1)"
        }
    }

    @Test func `come often in storage mode, which the later package's variables choose`() throws {
        #expect(try interval([:]) == "30 90")
        #expect(try interval(["REDIS_TTL_SECONDS": "300"]) == "5 300")
        #expect(try interval(["REDIS_TTL_DISABLED": "true"]) == "5 -1")
        #expect(try interval(["REDIS_TTL_SECONDS": "0"]) == "5 -1")
        #expect(try interval(["REDIS_TTL_SECONDS": "-1"]) == "5 -1")
        #expect(try interval(["REDIS_TTL_SECONDS": "-1", "REDIS_FORWARD_INTERVAL": "60"]) == "60 -1")
        #expect(try interval(["REDIS_TTL_SECONDS": "300", "REDIS_FORWARD_INTERVAL": "60"]) == "60 300")
        #expect(try interval(["REDIS_FORWARD_INTERVAL": "30"]) == "30 90")
    }
}
