/// What workers of the kind asgi heed.
extension Catalogue {
    static let asgi = Section(
        "ASGI",
        [
            Setting(
                "asgi_loop", ["--asgi-loop"], .choice(["auto", "asyncio", "uvloop"]), default: .text("auto"),
                placeholder: "NAME", "Event loop of asgi workers; auto: uvloop if it is installed."),
            Setting(
                "asgi_lifespan", ["--asgi-lifespan"], .choice(["auto", "on", "off"]), default: .text("auto"),
                placeholder: "WORD", "Whether the application is told of start and stop; auto: if it knows how to."),
            Setting(
                "asgi_disconnect_grace_period", ["--asgi-disconnect-grace-period"], .number(seconds),
                default: .number(3), placeholder: "SECONDS",
                "How long a request goes on whose client is known to have gone."),
            Setting(
                "root_path", ["--root-path"], .text, default: .text(""), placeholder: "PATH",
                "Where an ASGI application is mounted."),
        ])
}
