"""Where the hooks log to."""

import logging
import sys

NAME = "gunicorn_prometheus_exporter.hooks"
FORMAT = "%(asctime)s - %(name)s - %(levelname)s - %(message)s"


class Fallback(logging.StreamHandler):
    """To standard error as long as nobody has set up logging: an application that does gets each line once."""

    def __init__(self):
        super().__init__(sys.stderr)
        self.setFormatter(logging.Formatter(FORMAT, "%Y-%m-%d %H:%M:%S"))

    def emit(self, record):
        if not logging.getLogger().handlers:
            super().emit(record)


def hooks_logger():
    logger = logging.getLogger(NAME)
    package = logging.getLogger(NAME.partition(".")[0])
    if not any(isinstance(handler, Fallback) for handler in package.handlers):
        package.addHandler(Fallback())
        if package.level == logging.NOTSET and not logging.getLogger().handlers:
            package.setLevel(logging.INFO)
    return logger
