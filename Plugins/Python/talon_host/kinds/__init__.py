"""The kinds of worker: how the requests of one process run beside each other.

Each module has

    patch()                     before the application is imported, in a worker or in the seed of all of them
    after_fork()                in a worker that a seed has forked
    prepare(application, base)  makes the server; 0, or the status to exit with
    serve()                     until told to stop; the status to exit with
    is_busy()                   after that: requests still run, and cannot be waited for
"""

import importlib

PACKAGES = {"gevent": "gevent", "eventlet": "eventlet", "tornado": "tornado", "asgi": None}


class MissingPackage(Exception):
    """What a kind of worker stands on is not installed."""


def find(name):
    if name not in PACKAGES:
        name = "threads"
    return importlib.import_module("%s.%s_kind" % (__name__, name))


def package(name, kind):
    """Imports what the user's environment must have."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        distribution = name.partition(".")[0]
        raise MissingPackage(
            "worker_class %s: the package %s is needed (%s); install it for this Python: "
            "python3 -m pip install %s" % (kind, distribution, error, distribution)
        ) from None
