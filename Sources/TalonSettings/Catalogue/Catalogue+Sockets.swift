extension Catalogue {
    static let sockets = Section(
        "Sockets",
        [
            Setting(
                "bind", ["-b", "--bind"], .addresses, variable: "PORT", placeholder: "ADDRESS",
                "Where to listen: HOST:PORT, [V6]:PORT or unix:PATH. May be repeated. [127.0.0.1:8000]"),
            Setting(
                "backlog", ["--backlog"], .number(1...1_000_000), default: .number(2048), placeholder: "N",
                "Connections that may wait to be accepted, on each listener."),
            Setting(
                "reuse_port", ["--reuse-port"], .flag(sets: true), default: .truth(false),
                "A socket of its own for each worker (SO_REUSEPORT), instead of one for all."),
            Setting(
                "umask", ["-m", "--umask"], .mode, default: .number(0), placeholder: "MASK",
                "Who may not use the unix sockets: 0117, or 0 for nobody."),
        ])
}
