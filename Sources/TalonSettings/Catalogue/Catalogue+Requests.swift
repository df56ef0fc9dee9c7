extension Catalogue {
    static let requests = Section(
        "Requests",
        [
            Setting(
                "limit_request_line", ["--limit-request-line"], .number(large), default: .number(4094),
                placeholder: "BYTES", "The longest request line; 8190 at most. 0: 1 MiB."),
            Setting(
                "limit_request_fields", ["--limit-request-fields"], .number(large),
                default: .number(100), placeholder: "N", "The most header fields; 32768 at most."),
            Setting(
                "limit_request_field_size", ["--limit-request-field_size"], .number(large),
                default: .number(8190), placeholder: "BYTES", "The longest header field; 8190 at most."),
            Setting(
                "header_map", ["--header-map"], .choice(["drop", "refuse", "dangerous"]), default: .text("drop"),
                placeholder: "WORD",
                "What becomes of header fields with an underscore: drop, refuse the request, or dangerous: keep."),
            Setting(
                "permit_obsolete_folding", ["--permit-obsolete-folding"], .flag(sets: true), default: .truth(false),
                "Accept header fields that go on in the next line."),
            Setting(
                "strip_header_spaces", ["--strip-header-spaces"], .flag(sets: true), default: .truth(false),
                "Accept spaces between a field's name and its colon."),
            Setting(
                "permit_unconventional_http_method", ["--permit-unconventional-http-method"], .flag(sets: true),
                default: .truth(false), "Accept any word as a method."),
            Setting(
                "permit_unconventional_http_version", ["--permit-unconventional-http-version"], .flag(sets: true),
                default: .truth(false), "Accept other versions than HTTP/1.0 and 1.1."),
            Setting(
                "casefold_http_method", ["--casefold-http-method"], .flag(sets: true), default: .truth(false),
                "Write methods in capital letters."),
            Setting(
                "sendfile", ["--no-sendfile"], .flag(sets: false), variable: "SENDFILE",
                "Do not use sendfile(2) for files in wsgi.file_wrapper."),
            Setting(
                "http_parser", ["--http-parser"], .choice(["auto", "fast", "python"]), default: .text("auto"),
                placeholder: "NAME", support: .ignored("there is one parser"), "Which parser gunicorn takes."),
            Setting(
                "protocol", ["--protocol"], .choice(["http", "uwsgi"]), default: .text("http"), placeholder: "NAME",
                support: .missing("only http is served"), "What is spoken on the sockets: http or uwsgi."),
            Setting(
                "uwsgi_allow_ips", ["--uwsgi-allow-from"], .networks, default: .list(["127.0.0.1", "::1"]),
                placeholder: "IPS", support: .later, "Who may speak uwsgi."),
        ])

    static let proxies = Section(
        "Behind a proxy",
        [
            Setting(
                "forwarded_allow_ips", ["--forwarded-allow-ips"], .networks, default: .list(["127.0.0.1", "::1"]),
                variable: "FORWARDED_ALLOW_IPS", placeholder: "IPS",
                "Proxies whose header fields are believed: IP addresses and networks, or * for all."),
            Setting(
                "secure_scheme_headers", [], .pairs,
                default: .list(["X-FORWARDED-PROTOCOL=ssl", "X-FORWARDED-PROTO=https", "X-FORWARDED-SSL=on"]),
                "Header fields of a proxy that mean https."),
            Setting(
                "forwarder_headers", ["--forwarder-headers"], .words, default: .list(["SCRIPT_NAME", "PATH_INFO"]),
                placeholder: "NAMES", "Header fields with underscores that a proxy may send."),
            Setting(
                "proxy_protocol", ["--proxy-protocol"], .wordOrFlag(["off", "v1", "v2", "auto"], bare: "auto"),
                default: .text("off"), placeholder: "VERSION",
                "Read what a proxy says of a connection by the PROXY protocol: off, v1, v2 or auto."),
            Setting(
                "proxy_allow_ips", ["--proxy-allow-from"], .networks, default: .list(["127.0.0.1", "::1"]),
                placeholder: "IPS", "Who may say something by the PROXY protocol."),
        ])

    static let tls = Section(
        "TLS",
        [
            Setting(
                "certfile", ["--certfile"], .text, placeholder: "FILE",
                "Certificate, PEM, with those that lead to its authority. Turns TLS on, 1.2 or newer."),
            Setting(
                "keyfile", ["--keyfile"], .text, placeholder: "FILE",
                "Key of the certificate, PEM, without a password. Without it the key is in certfile."),
            Setting(
                "ca_certs", ["--ca-certs"], .text, placeholder: "FILE",
                "Authorities of client certificates, PEM."),
            Setting(
                "cert_reqs", ["--cert-reqs"], .number(0...2), default: .number(0), placeholder: "N",
                "Client certificates: 0 none, 1 optional, 2 required."),
            Setting(
                "ciphers", ["--ciphers"], .text, placeholder: "LIST",
                "Ciphers of TLS 1.2, as `openssl ciphers` takes them."),
            // A name or a number, as that of an account is.
            Setting(
                "ssl_version", ["--ssl-version"], .account, placeholder: "N",
                support: .ignored("gunicorn ignores it too; TLS is 1.2 or newer"), "Deprecated."),
            Setting(
                "suppress_ragged_eofs", ["--suppress-ragged-eofs"], .flag(sets: true), default: .truth(true),
                support: .ignored("a client that ends without a word has ended"), "A detail of Python's ssl."),
            Setting(
                "do_handshake_on_connect", ["--do-handshake-on-connect"], .flag(sets: true), default: .truth(false),
                support: .ignored("the loop shakes hands with all clients at a time"), "A detail of Python's ssl."),
        ])
}
