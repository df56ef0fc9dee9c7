"""Which process this is, and what its host does for the hooks in it."""

import threading

# Kinds of request(), and severities, as in talon_plugin.h.
START_METRICS_SERVER, STOP_METRICS_SERVER, RELOAD, REOPEN_LOGS, ADD_WORKER, REMOVE_WORKER = 1, 2, 3, 4, 5, 6
RESTART_WORKER, SET_ENVIRONMENT, RUN_DEFAULT = 7, 8, 9
DEBUG, INFO, WARNING, ERROR, CRITICAL = range(5)

REFUSED = -1


class Host:
    """Of a process without a server around it: one that only reads the file, or a test."""

    role = "reader"
    # Hooks of requests run on several threads.
    _calls = threading.local()

    @property
    def handled(self):
        """The default hook of the point is not wanted: set by the hook that runs on this thread."""
        return getattr(self._calls, "handled", False)

    @handled.setter
    def handled(self, is_handled):
        self._calls.handled = is_handled

    def log(self, severity, message):
        pass

    def setting(self, name):
        return None

    def settings(self):
        return {}

    def request(self, kind, name="", value=""):
        """0, the errno of what failed, or -1: not here, or not now."""
        return REFUSED


class InWorker(Host):
    """Of a worker without hooks in Python: the application may import the exporter's module all the same."""

    role = "worker"

    def __init__(self, setting):
        self.setting = setting


host = Host()


def is_host(new):
    """From now on `new` is the host of this process."""
    global host
    host = new


def configures():
    """This process runs the configuration, so its standard output is what a terminal or a log shows of it, at once."""
    import sys

    for stream in (sys.stdout, sys.stderr):
        if stream is not None and hasattr(stream, "reconfigure"):
            stream.reconfigure(line_buffering=True)


def home():
    """Where Talon is installed: PREFIX/lib/talon."""
    import os

    return os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
