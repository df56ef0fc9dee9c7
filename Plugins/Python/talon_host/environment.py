"""The process environment, and what is the same in the environ of every request."""

import os

import _talon

from .error_stream import ErrorStream
from .file_wrapper import FileWrapper


def apply_changes():
    """Python reads the environment once, at its start; what hooks have set since is missing in os.environ."""
    for name, value in _talon.environment_changes():
        os.environ[name] = value


def base_environ():
    return {
        "wsgi.errors": ErrorStream(_talon.write_error_log),
        "wsgi.version": (1, 0),
        "wsgi.multithread": _talon.threads() > 1,
        "wsgi.multiprocess": _talon.workers() > 1,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": FileWrapper,
        "wsgi.input_terminated": True,
        # The master puts it into the environment, with its version.
        "SERVER_SOFTWARE": os.environ.get("SERVER_SOFTWARE", "talon"),
        "SCRIPT_NAME": os.environ.get("SCRIPT_NAME", ""),
    }
