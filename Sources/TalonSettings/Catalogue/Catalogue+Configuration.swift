extension Catalogue {
    static let configuration = Section(
        "Configuration",
        [
            Setting(
                "config", ["-c", "--config"], .text, placeholder: "FILE",
                """
                A Python file, python:MODULE, or a file that ends in .yaml or .yml. By default gunicorn.conf.py, else \
                talon.yaml, if there is one.
                """),
            Setting(
                "wsgi_app", [], .text, placeholder: "APP", "The application, if the command line names none."),
            Setting(
                "check_config", ["--check-config"], .flag(sets: true), default: .truth(false),
                "Check the settings, load the application, and exit."),
            Setting(
                "print_config", ["--print-config"], .flag(sets: true), default: .truth(false),
                "Print the settings in force and where each comes from; then as --check-config."),
        ])
}
