"""The hooks of a configuration file in a worker. The extension is a plugin there like any other: it loads the file when
it is created, and calls run() for each hook."""

import sys
import traceback

import _talon

from .. import own_modules
from . import file, inheritance, process
from .config import Config
from .hooks import Hooks
from .objects import Log, Request, Response, Server, Worker
from .points import NAMES


class WorkerHost(process.Host):
    role = "worker"

    def __init__(self, ask):
        self._ask = ask
        self._settings = inheritance.received()

    def log(self, severity, message):
        _talon.log(severity, message)

    def setting(self, name):
        return self._settings.get(name)

    def settings(self):
        return self._settings

    def request(self, kind, name="", value=""):
        return self._ask(kind, name, value)


class State:
    hooks = None
    server = None
    worker = None


def load(ask):
    """Executes the file. `ask(kind, name, value)` is talon.server/1."""
    process.is_host(WorkerHost(ask))
    own_modules.offer()
    texts = process.host.settings()
    module = file.load(texts.get("config"))
    State.hooks = Hooks(module, texts)
    State.server = Server(Config(texts, module), Log(texts.get("loglevel", "info")))


def report(event, error, trace):
    """In the log, what the extension has caught."""
    text = "".join(traceback.format_exception(type(error), error, trace)) if error is not None else ""
    _talon.log(_talon.ERROR, ("%s\n%s" % (event, text)).rstrip())


def run(point, server, worker, request, response):
    """The status of a hook. The facts are tuples, in the order that objects.py takes them; None where there are none."""
    name = NAMES[point]
    if name not in State.hooks.functions:
        return 0
    State.server.update(*server)
    if State.worker is None:
        State.worker = Worker(State.server.cfg, State.server.log, *worker)
        State.worker.ppid = State.server.pid
    prepare(name, State.worker)
    return State.hooks.call(name, arguments(name, request, response))


def application():
    """The one of this worker; None while it is not loaded."""
    return getattr(sys.modules.get("talon_host.worker"), "loaded", None)


def prepare(name, worker):
    if name not in ("post_fork", "post_worker_init"):
        worker.booted = application() is not None
    if name == "pre_request":
        worker.nr += 1
    elif name in ("worker_int", "worker_abort", "worker_exit"):
        worker.alive = False
        worker.aborted = worker.aborted or name == "worker_abort"
    elif name == "post_worker_init":
        worker.wsgi = application()


def arguments(name, request, response):
    if name in ("post_fork", "worker_exit"):
        return (State.server, State.worker)
    if request is None:
        return (State.worker,)
    request = Request(*request)
    if name == "pre_request":
        return (State.worker, request)
    return (State.worker, request, request.environ(), Response(*response))
