import TalonSettings
import TalonYAML
import Testing

@testable import TalonConfiguration

private func read(_ text: String) throws -> ConfigurationFile {
    try SettingsDocument.read(Array(text.utf8), file: "talon.yaml")
}

private func settings(_ text: String) throws -> SettingsLayer { try SettingsLayer(of: try read(text)) }

/// What is said of a text that cannot be used.
private func refusal(_ text: String) -> String? {
    do {
        _ = try settings(text)
        return nil
    } catch let error as YAMLError {
        return error.description
    } catch let error as SettingsError {
        return error.message
    } catch {
        return "\(error)"
    }
}

@Suite struct `A talon.yaml` {
    @Test func `has settings by name, of every kind`() throws {
        let layer = try settings(
            """
            # a comment
            bind: [127.0.0.1:8000, unix:/run/a.sock]
            workers: 4
            timeout: 60
            preload_app: true
            umask: 0117
            raw_env:
              - A=1
              - B=two words
            loglevel: debug
            proxy_protocol: true
            secure_scheme_headers: {X-FORWARDED-PROTO: https}
            logconfig_dict: {version: 1}
            user: 33
            pidfile:
            plugins:
              - ./one.so
              - {path: ./two.so, timeout: 2}
            """)
        let expected: [String: SettingValue] = [
            "bind": .list(["127.0.0.1:8000", "unix:/run/a.sock"]), "workers": .number(4), "timeout": .number(60),
            "preload_app": .truth(true), "umask": .number(0o117), "raw_env": .list(["A=1", "B=two words"]),
            "loglevel": .text("debug"), "proxy_protocol": .text("auto"),
            "secure_scheme_headers": .list(["X-FORWARDED-PROTO=https"]), "logconfig_dict": .text(#"{"version": "1"}"#),
            "user": .text("33"), "plugins": .list(["./one.so", #"{"path": "./two.so", "timeout": "2"}"#]),
        ]
        #expect(layer.values == expected)
        #expect(layer.source(of: "workers").description == "talon.yaml:3")
    }

    @Test(
        arguments: [
            ("workrs: 4", "talon.yaml:1: workrs: is no setting: did you mean 'workers'?"),
            ("a: 1\n", "talon.yaml:1: a: is no setting; talon --help lists the settings"),
            ("\n\nworkers: four\n", "talon.yaml:3: workers: is 'four'; use a whole number from 1 to 4096, or auto"),
            ("on_exit: [a]", "talon.yaml:1: on_exit: is a list; use a function, or MODULE.NAME"),
            ("preload_app: yes", "talon.yaml:1: preload_app: is 'yes'; use true or false"),
            (
                "bind: {a: b}",
                "talon.yaml:1: bind: is a mapping; use HOST:PORT, [V6]:PORT or unix:PATH, or a list of them"
            ),
            (
                "loglevel: inf",
                "talon.yaml:1: loglevel: is 'inf'; use one of debug, info, warning, error, critical: did you mean 'info'?"
            ),
            ("- a", "talon.yaml:1: settings: is a list; write a mapping of SETTING: VALUE"),
            ("", "talon.yaml:1: YAML: is empty; write settings: bind: 127.0.0.1:8000"),
            ("workers: 1\nworkers: 2", "talon.yaml:1: workers: is there twice, here first; leave one out"),
            ("exporter: {rediss: {}}", "talon.yaml:1: exporter.rediss: is unknown: did you mean 'redis'?"),
            (
                "exporter:\n  prometheus:\n    metrics_port: 0",
                "talon.yaml:3: prometheus_metrics_port: is '0'; use a whole number from 1 to 65535"
            ),
            (
                "exporter:\n  prometheus:\n    ssl: {enabled: true, certfile: c}",
                "talon.yaml:3: exporter.prometheus.ssl: is enabled and has no keyfile; name the file"
            ),
            (
                "exporter:\n  prometheus:\n    ssl: {enabled: true, certfile: c, keyfile: k}\n"
                    + "  ssl: {enabled: true, certfile: d, keyfile: k}",
                "talon.yaml:4: exporter.ssl: says something else of prometheus_ssl_certfile than "
                    + "exporter.prometheus.ssl (talon.yaml:3); leave one of the two out"
            ),
            (
                "exporter: {redis: {enabled: maybe}}",
                "talon.yaml:1: exporter.redis.enabled: is 'maybe'; use true or false"
            ),
        ])
    func `that is wrong is refused with its place and what is allowed`(text: String, message: String) {
        #expect(refusal(text) == message)
    }

    @Test func `may name every setting`() throws {
        for name in Catalogue.settings.map(\.name) {
            let file = try read("\(name):\n")
            #expect(file.entries.map(\.name) == [name])
        }
    }
}

@Suite struct `The exporter's tree` {
    @Test func `sets what the exporter's variables set`() throws {
        let layer = try settings(
            """
            exporter:
              prometheus:
                metrics_port: 9091
                bind_address: 127.0.0.1
                multiproc_dir: /tmp/m
                ssl:
                  enabled: true
                  certfile: /c.pem
                  keyfile: /k.pem
                  client_cafile: ""
                  client_auth_required: false
              gunicorn: {workers: 4, timeout: 60, keepalive: 5}
              redis:
                enabled: true
                host: redis
                port: 6380
                password: ""
                key_prefix: "gunicorn:prod"
                forward_interval: 10
                ttl_disabled: true
              cleanup: {db_files: true}
            """)
        let expected: [String: SettingValue] = [
            "prometheus_metrics_port": .number(9091), "prometheus_bind_address": .text("127.0.0.1"),
            "prometheus_multiproc_dir": .text("/tmp/m"), "prometheus_ssl_certfile": .text("/c.pem"),
            "prometheus_ssl_keyfile": .text("/k.pem"), "prometheus_ssl_client_auth_required": .truth(false),
            "gunicorn_workers": .number(4), "gunicorn_timeout": .number(60), "gunicorn_keepalive": .number(5),
            "redis_enabled": .truth(true), "redis_host": .text("redis"), "redis_port": .number(6380),
            "redis_key_prefix": .text("gunicorn:prod"), "redis_forward_interval": .number(10),
            "redis_ttl_disabled": .truth(true), "cleanup_db_files": .truth(true),
        ]
        #expect(layer.values == expected)
        #expect(layer.source(of: "redis_host").description == "talon.yaml:15")
    }

    @Test func `has TLS in either place`() throws {
        let tls = "ssl: {enabled: true, certfile: c, keyfile: k}"
        let inner = try settings("exporter:\n  prometheus:\n    \(tls)\n")
        let outer = try settings("exporter:\n  \(tls)\n")
        let both = try settings("exporter:\n  prometheus:\n    \(tls)\n  \(tls)\n")
        #expect(inner.values == ["prometheus_ssl_certfile": .text("c"), "prometheus_ssl_keyfile": .text("k")])
        #expect(outer.values == inner.values && both.values == inner.values)
    }

    @Test(
        arguments: [
            "exporter: {redis: {enabled: false, host: a}}", "exporter: {redis: {host: a}}",
            "exporter: {ssl: {enabled: false, certfile: c}}",
            "exporter: {gunicorn: , prometheus: {metrics_port: null}}",
        ])
    func `says nothing where it is switched off or empty`(text: String) throws {
        #expect(try settings(text).values.isEmpty)
    }
}
