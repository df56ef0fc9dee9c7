extension Catalogue {
    static let plugins = Section(
        "Plugins",
        [
            Setting(
                "plugins", ["--plugin"], .documents, variable: "TALON_PLUGINS", placeholder: "PLUGIN",
                "A plugin: .so, manifest, bundle, or {path: FILE, ...} in YAML. May be repeated."),
            Setting(
                "plugin_dir", ["--plugin-dir"], .list, placeholder: "DIR",
                "Folder of plugins, in name order; instead of talon/plugins.d in /etc and ~/.config."),
            Setting(
                "plugin_policy", ["--plugin-policy"],
                .choice(["require-signature", "require-checksum", "allow-unverified"]),
                default: .text("allow-unverified"), variable: "TALON_PLUGIN_POLICY", placeholder: "POLICY",
                "Or require-checksum, or require-signature: what a plugin must prove."),
            Setting(
                "plugin_trust", ["--plugin-trust"], .list, placeholder: "DIR",
                "Folder of trusted public keys; instead of talon/trust.d in /etc and ~/.config."),
            Setting(
                "plugin_state", ["--plugin-state"], .text, placeholder: "DIR",
                "Where it is remembered which plugins crashed at load. For root /var/lib/talon."),
        ])

    /// Functions of a Python file.
    static let hooks = Section(
        "Hooks",
        [
            hook("on_starting", "(server): the master starts."),
            hook("when_ready", "(server): the sockets listen; no worker has been started."),
            hook("on_reload", "(server): a reload begins."),
            hook("nworkers_changed", "(server, new, old): another number of workers."),
            hook("pre_fork", "(server, worker): a worker is about to be started."),
            hook("post_fork", "(server, worker): in a worker that has just been started."),
            hook("post_worker_init", "(worker): it has loaded the application."),
            hook("pre_request", "(worker, request): before a request."),
            hook("post_request", "(worker, request, environ, response): after it."),
            hook("worker_int", "(worker): it got INT or QUIT."),
            hook("worker_abort", "(worker): it got ABRT, as a rule because of --timeout."),
            hook("worker_exit", "(server, worker): in a worker that ends."),
            hook("child_exit", "(server, worker): a worker has ended; in the master."),
            hook("pre_exec", "(server): a new master is about to be started."),
            hook("on_exit", "(server): the master ends."),
            hook(
                "ssl_context", "(config, default): makes the TLS context.",
                .missing("the sockets speak plain HTTP; let a proxy do TLS")),
        ])

    static func hook(_ name: String, _ help: String, _ support: Setting.Support = .full) -> Setting {
        Setting(name, [], .hook, support: support, help)
    }
}
