"""The life of a worker: boot, load the application, prepare, serve, end."""

import atexit
import contextlib
import os
import signal
import sys
import traceback

import _talon

from . import (
    environment,
    file_wrapper,
    import_path,
    kinds,
    metrics,
    own_modules,
    prometheus,
    reloading,
    stacks,
)
from .application import AppImportError, import_app
from .configuration import process as configuration

# The application of this process, once it is loaded: for the hooks of a configuration file.
loaded = None

BOOT_FAILED = 3
APPLICATION_NOT_FOUND = 4


def main(application=None):
    """`application` is there already in a worker that was forked from a seed."""
    # First, so that it does not replace the handlers that the runtime sets for the sake of plugins.
    signal.signal(signal.SIGABRT, abort)
    try:
        status = _talon.boot()
        return run(application) if status == 0 else status
    finally:
        _talon.end()


def load(identify, process):
    """The application; in development, of one that cannot be loaded, a page that says why. `identify` names this process
    in the files of prometheus_client, `process` in the log."""
    kind().patch()
    import_path.prepare(_talon.setting("chdir"), _talon.setting("pythonpath"))
    own_modules.offer()
    if configuration.host.role == "reader":
        configuration.is_host(configuration.InWorker(_talon.setting))
    metrics.prepare(identify)
    address = _talon.setting("wsgi_app") or ""
    try:
        return import_app(address)
    except BaseException as error:
        if _talon.setting("reload") != "true" or isinstance(error, Aborted):
            raise
        report("Exception in %s process\n%s" % (process, traceback.format_exc()))
        return reloading.failed(error, address)


def kind():
    return kinds.find(_talon.setting("talon.worker_kind"))


def run(application):
    global loaded
    environment.apply_changes()
    stacks.show_on_signal()
    try:
        identify = prometheus.process_identifier(_talon.slot())
        if application is None:
            application = load(identify, "worker")
        else:
            kind().after_fork()
            metrics.move_to_worker(identify)
        if _talon.setting("reload") == "true":
            reloading.start()
        loaded = application
        prefer_own_tls()
        base_environ = environment.base_environ()
        # The runtime takes these signals over; it has Python run this only while a request runs on the main thread.
        # If a plugin has a hook for it, ABRT too.
        signal.signal(signal.SIGINT, interrupted)
        signal.signal(signal.SIGQUIT, interrupted)
        if _talon.setting("sendfile") != "false":
            _talon.pass_files(file_wrapper.FileWrapper, file_wrapper.unread)
        status = kind().prepare(application, base_environ)
        if status != 0:
            return status
    except BaseException as error:
        return boot_failed(error, "worker")
    status = kind().serve()
    base_environ["wsgi.errors"].flush()
    end(status)
    return status


def prefer_own_tls():
    """Before the runtime loads OpenSSL for the sockets: a library is loaded once under its name, and the interpreter's own
    may be newer than the system's, or the application come to `ssl` only later."""
    if _talon.setting("certfile"):
        with contextlib.suppress(ImportError):
            import ssl


def boot_failed(error, process):
    """Reports what is being handled; the status to exit with."""
    if isinstance(error, AppImportError):
        report(str(error))
        return APPLICATION_NOT_FOUND
    if isinstance(error, kinds.MissingPackage):
        report(str(error))
        return BOOT_FAILED
    report("Exception in %s process\n%s" % (process, traceback.format_exc()))
    if isinstance(error, SystemExit):  # of the application, or of abort(): the traceback shows where the import was
        raise error
    return BOOT_FAILED


def abort(signal_number, frame):
    """The master's answer to a timeout. Raised where the application is stuck, so that the log shows the place."""
    raise Aborted(1)


class Aborted(SystemExit):
    """Ends the process also where an application that cannot be loaded is shown as a page."""


class Interruption(SystemExit):
    """Breaks off the running request, because the worker must end now. The extension knows it by its attribute."""

    talon_interruption = True


def interrupted(signal_number, frame):
    raise Interruption("the worker was told to end at once")


def report(message):
    message = message.rstrip()
    _talon.log(_talon.ERROR, message)
    if _talon.setting("errorlog") not in (None, "-"):  # then the log does not show on the terminal
        print(message, file=sys.stderr, flush=True)


def end(status):
    """Leaves the normal way, by returning, if it is safe. The interpreter ends a thread or a greenlet that is still
    running by unwinding it through the runtime's frames; so with a stuck one, do what an exit owes the application and
    go."""
    # It ends already. At its exit Python gives handlers of its own back to the default, which would kill it half-way.
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    if kind().is_busy():
        _talon.end()
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        os._exit(status)
