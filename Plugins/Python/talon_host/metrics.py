"""What the application and its frameworks do for the metrics. Nothing is imported for it, and without metrics nothing is
touched."""

import os
import sys

import _talon

from . import on_import, prometheus, routes

DIRECTORY = prometheus.DIRECTORY
VALUES = "prometheus_client.values"


def prepare(identify):
    """Before the application is imported. `identify` names this process in the files of prometheus_client."""
    if _talon.setting("metrics") == "false":
        return
    if use_directory(_talon.setting("prometheus_multiproc_dir")):
        identify_by(identify)
    on_import.call("flask.ctx", guarded(routes.of_flask))
    on_import.call("django.core.handlers.base", guarded(routes.of_django))


def identify_by(identify):
    on_import.call(VALUES, guarded(lambda module: prometheus.identify_with(module, identify)))


def leave_seed():
    """In a seed, when the application is imported: no file of the seed counts, workers carry on what it holds."""
    if is_in_use() and VALUES in sys.modules:
        guarded(prometheus.forget_files)(sys.modules[VALUES])


def move_to_worker(identify):
    """In a worker that was forked from a seed, which has called prepare()."""
    if not is_in_use():
        return
    if VALUES in sys.modules:
        guarded(lambda module: prometheus.move(module, identify))(sys.modules[VALUES])
    else:
        identify_by(identify)


def is_in_use():
    return _talon.setting("metrics") != "false" and DIRECTORY in os.environ


def use_directory(directory):
    """prometheus_client chooses its way of keeping values by this variable, when it is imported. Metrics must not keep
    an application from starting: without a folder that can be written they stay in its memory."""
    chosen = os.environ.get(DIRECTORY) or directory
    if chosen and os.path.isdir(chosen) and os.access(chosen, os.W_OK | os.X_OK):
        os.environ[DIRECTORY] = chosen
        return True
    if os.environ.pop(DIRECTORY, None) is not None:
        message = "%s %r is no folder that can be written: metrics of the application itself are not shown"
        _talon.log(_talon.WARNING, message % (DIRECTORY, chosen))
    return False


def guarded(action):
    """Another version of a library may be made otherwise. That costs a metric, not the application."""

    def run(module):
        try:
            action(module)
        except Exception as error:
            message = "Metrics of %s are not complete, this version of it is not known: %r"
            _talon.log(_talon.WARNING, message % (module.__name__.partition(".")[0], error))

    return run
