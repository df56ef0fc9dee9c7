extension Catalogue {
    static let logging = Section(
        "Logging",
        [
            Setting(
                "accesslog", ["--access-logfile"], .text, placeholder: "FILE",
                "Access log; - is the standard output. None by default."),
            Setting(
                "access_log_format", ["--access-logformat"], .text,
                default: .text(#"%(h)s %(l)s %(u)s %(t)s "%(r)s" %(s)s %(b)s "%(f)s" "%(a)s""#), placeholder: "TEXT",
                "A line of the access log, with gunicorn's atoms."),
            Setting(
                "access_log_json", ["--access-log-json"], .flag(sets: true), default: .truth(false),
                "Write each line of the access log as an object of JSON; access_log_format does not count then."),
            Setting(
                "errorlog", ["--error-logfile", "--log-file"], .text, default: .text("-"), placeholder: "FILE",
                "Error log; - is the standard error."),
            Setting(
                "loglevel", ["--log-level"], .choice(["debug", "info", "warning", "error", "critical"]),
                default: .text("info"), placeholder: "LEVEL",
                "What the error log holds: debug, info, warning, error or critical, and graver."),
            Setting(
                "exit_records", ["--exit-records"], .text, placeholder: "DIR",
                "Folder for a record of each worker's end: worker-exits.jsonl. None by default."),
            Setting(
                "capture_output", ["--capture-output"], .flag(sets: true), default: .truth(false),
                "Write the standard streams of all processes to the file of the error log too."),
            Setting(
                "logger_class", ["--logger-class"], .text, default: .text("gunicorn.glogging.Logger"),
                placeholder: "NAME", support: .missing("Talon writes the logs itself; see access_log_format"),
                alike: ["gunicorn.instrument.statsd.Statsd", "statsd", "simple"],
                "Python class that writes the logs of gunicorn."),
            Setting(
                "logconfig", ["--log-config"], .text, placeholder: "FILE", support: .later,
                "Configuration of Python's logging, as an INI file."),
            Setting("logconfig_dict", [], .table, support: .later, "Configuration of Python's logging, as a mapping."),
            Setting(
                "logconfig_json", ["--log-config-json"], .text, placeholder: "FILE", support: .later,
                "Configuration of Python's logging, as a JSON file."),
            Setting(
                "syslog", ["--log-syslog"], .flag(sets: true), default: .truth(false),
                "Write the logs to syslog."),
            Setting(
                "syslog_addr", ["--log-syslog-to"], .text, placeholder: "ADDRESS",
                "Where syslog takes datagrams: udp://HOST:PORT or unix://PATH#dgram. [udp://localhost:514]"),
            Setting(
                "syslog_prefix", ["--log-syslog-prefix"], .text, placeholder: "NAME",
                "What syslog calls the program."),
            Setting(
                "syslog_facility", ["--log-syslog-facility"], .text, default: .text("user"), placeholder: "NAME",
                "Facility of the records in syslog."),
            Setting(
                "disable_redirect_access_to_syslog", ["--disable-redirect-access-to-syslog"], .flag(sets: true),
                default: .truth(false), "Keep the access log out of syslog."),
        ])

    static let statsd = Section(
        "StatsD",
        [
            Setting(
                "statsd_host", ["--statsd-host"], .text, placeholder: "ADDRESS",
                "Where StatsD takes datagrams: HOST:PORT or unix://PATH. None by default."),
            Setting(
                "statsd_prefix", ["--statsd-prefix"], .text, default: .text(""), placeholder: "TEXT",
                "What the names of metrics begin with."),
            Setting(
                "dogstatsd_tags", ["--dogstatsd-tags"], .text, default: .text(""), placeholder: "TAGS",
                "Tags of all metrics, separated by commas, for DogStatsD."),
            Setting(
                "enable_backlog_metric", ["--enable-backlog-metric"], .flag(sets: true), default: .truth(false),
                "Tell StatsD how many connections wait; /metrics has it always."),
        ])
}
