"""The hooks of gunicorn: their numbers, as talon_plugin.h has them, and what they are called with."""

# name: (number, arguments)
POINTS = {
    "on_starting": (1, ("server",)),
    "when_ready": (2, ("server",)),
    "on_reload": (3, ("server",)),
    "nworkers_changed": (4, ("server", "new", "old")),
    "child_exit": (5, ("server", "worker")),
    "pre_fork": (6, ("server", "worker")),
    "post_fork": (7, ("server", "worker")),
    "post_worker_init": (8, ("worker",)),
    "pre_request": (9, ("worker", "request")),
    "post_request": (10, ("worker", "request", "environ", "response")),
    "worker_int": (11, ("worker",)),
    "worker_abort": (12, ("worker",)),
    "worker_exit": (13, ("server", "worker")),
    "pre_exec": (14, ("server",)),
    "on_exit": (16, ("server",)),
}
NAMES = {number: name for name, (number, _) in POINTS.items()}

# What else gunicorn takes a function for.
OTHER_FUNCTIONS = frozenset(["ssl_context"])
