extension Catalogue {
    static let http2 = Section(
        "HTTP/2",
        [
            Setting(
                "http_protocols", ["--http-protocols"], .words, default: .list(["h1"]), placeholder: "NAMES",
                "Protocols in the order of preference: h1, h2. HTTP/2 is spoken by TLS, with clients that choose it."),
            Setting(
                "http2_cleartext", ["--http2-cleartext"],
                .wordOrFlag(["off", "prior-knowledge", "upgrade", "both"], bare: "both"), default: .text("off"),
                placeholder: "WORD", support: .missing("HTTP/2 is spoken by TLS only"),
                "HTTP/2 without TLS: off, prior-knowledge, upgrade or both."),
            Setting(
                "http2_max_concurrent_streams", ["--http2-max-concurrent-streams"], .number(large),
                default: .number(100), placeholder: "N",
                "Requests of one connection that run at a time, at most. 0: the default."),
            Setting(
                "http2_initial_window_size", ["--http2-initial-window-size"], .number(0...2_147_483_647),
                default: .number(65535), placeholder: "BYTES",
                "Bytes of a request's body on their way to the application, at most. 0: the default."),
            Setting(
                "http2_max_frame_size", ["--http2-max-frame-size"], .number(16384...16_777_215),
                default: .number(16384), placeholder: "BYTES", "The largest frame that clients may send."),
            Setting(
                "http2_max_header_list_size", ["--http2-max-header-list-size"], .number(large),
                default: .number(65536), placeholder: "BYTES",
                "Bytes of a request's header fields, 32 more counted for each; with more it is answered with 431. "
                    + "0: as many as the other limits allow."),
        ])

    // What gunicorn has and Talon does not have yet.

    static let dirty = Section(
        "Dirty workers",
        [
            Setting(
                "dirty_apps", ["--dirty-app"], .list, placeholder: "APP", support: .missing("there is no such pool"),
                "Application of gunicorn's side pool. May be repeated."),
            Setting(
                "dirty_workers", ["--dirty-workers"], .number(count), default: .number(0), placeholder: "N",
                support: .missing("there is no such pool"), "Its processes."),
            Setting(
                "dirty_timeout", ["--dirty-timeout"], .number(seconds), default: .number(300), placeholder: "SECONDS",
                support: .later, "The longest task."),
            Setting(
                "dirty_threads", ["--dirty-threads"], .number(count), default: .number(1), placeholder: "N",
                support: .later, "Threads of each process."),
            Setting(
                "dirty_graceful_timeout", ["--dirty-graceful-timeout"], .number(seconds), default: .number(30),
                placeholder: "SECONDS", support: .later, "Time to finish at a stop."),
            hook("on_dirty_starting", "(arbiter): the pool starts.", .later),
            hook("dirty_post_fork", "(arbiter, worker): in a new process of it.", .later),
            hook("dirty_worker_init", "(worker): it has loaded its application.", .later),
            hook("dirty_worker_exit", "(arbiter, worker): it ends.", .later),
        ])

    static let pasteDeploy = Section(
        "PasteDeploy",
        [
            Setting(
                "paste", ["--paste", "--paster"], .text, placeholder: "FILE",
                support: .missing("name the application as MODULE:NAME"), "PasteDeploy file with the application."),
            Setting(
                "raw_paste_global_conf", ["--paste-global"], .list, placeholder: "NAME=VALUE", support: .later,
                "Global value of it. May be repeated."),
        ])
}
