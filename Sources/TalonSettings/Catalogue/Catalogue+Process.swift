extension Catalogue {
    /// The process among others.
    static let process = Section(
        "Process",
        [
            Setting(
                "daemon", ["-D", "--daemon"], .flag(sets: true), default: .truth(false),
                support: .better("the command returns when the server serves, or says why it does not"),
                "Run in the background. The command returns when the server serves, or why it does not."),
            Setting(
                "enable_stdio_inheritance", ["-R", "--enable-stdio-inheritance"], .flag(sets: true),
                default: .truth(false), "Keep the standard streams in the background."),
            Setting(
                "pidfile", ["-p", "--pid"], .text, placeholder: "FILE",
                "File that holds the master's pid while it runs."),
            Setting(
                "proc_name", ["-n", "--name"], .text, placeholder: "NAME",
                "Name in lists of processes. By default the application."),
            Setting(
                "default_proc_name", [], .text, support: .ignored("gunicorn keeps the application's name in it"),
                "What gunicorn calls a process without a name."),
            Setting(
                "user", ["-u", "--user"], .account, placeholder: "USER",
                "Run workers and metrics port as this user, by name or number."),
            Setting(
                "group", ["-g", "--group"], .account, placeholder: "GROUP",
                "Run them in this group. By default the one of the user."),
            Setting(
                "initgroups", ["--initgroups"], .flag(sets: true), default: .truth(false),
                "Run them in the other groups of the user too."),
            Setting(
                "worker_tmp_dir", ["--worker-tmp-dir"], .text, placeholder: "DIR",
                support: .better("heartbeats are in shared memory: a full or slow disk kills no worker"),
                "Accepted; there are no temporary files of workers."),
            Setting(
                "tmp_upload_dir", [], .text, placeholder: "DIR", support: .ignored("gunicorn does not use it either"),
                "Accepted; no uploads are written to files."),
        ])

    static let control = Section(
        "Control socket",
        [
            Setting(
                "control_socket", ["--control-socket"], .text, placeholder: "PATH",
                "For talon ctl, gunicornc; @NAME is abstract. [gunicorn.ctl in $XDG_RUNTIME_DIR or ~/.gunicorn]"),
            Setting(
                "control_socket_mode", ["--control-socket-mode"], .mode, placeholder: "MODE",
                "Who may connect to the control sockets. [0600]"),
            Setting(
                "control_socket_readonly", ["--control-socket-readonly"], .text, placeholder: "PATH",
                "A second control socket, which tells and changes nothing. None by default."),
            Setting(
                "control_socket_disable", ["--no-control-socket"], .flag(sets: true), default: .truth(false),
                "Have no control socket, unless a read-only one is named."),
        ])

    static let development = Section(
        "Development",
        [
            Setting(
                "reload", ["--reload"], .flag(sets: true), default: .truth(false),
                "Reload when a file of the application changes. For development only."),
            Setting(
                "reload_engine", ["--reload-engine"], .choice(["auto", "poll", "inotify"]), default: .text("auto"),
                placeholder: "NAME", "How changes are found: auto is inotify where there is one."),
            Setting(
                "reload_extra_files", ["--reload-extra-file"], .list, placeholder: "FILE",
                "File or glob to watch too. May be repeated."),
            Setting(
                "spew", ["--spew"], .flag(sets: true), default: .truth(false), support: .later,
                "Write every line of Python that runs."),
        ])

    static let environment = Section(
        "Environment of the application",
        [
            Setting(
                "chdir", ["--chdir"], .text, placeholder: "DIR", "Folder to change to before loading the application."),
            Setting(
                "pythonpath", ["--pythonpath"], .text, placeholder: "DIRS",
                "Folders to import from, separated by commas."),
            Setting(
                "raw_env", ["-e", "--env"], .assignments, placeholder: "NAME=VALUE",
                "Environment variable for the application. May be repeated."),
            Setting(
                "python", ["--python"], .text, variable: "TALON_PYTHON", placeholder: "PATH",
                "Interpreter of Python workers. By default the one of VIRTUAL_ENV, else python3 on PATH."),
        ])
}
