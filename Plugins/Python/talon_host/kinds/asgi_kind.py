"""Applications that speak ASGI 3.0, on a loop of asyncio's or of uvloop."""

import asyncio
import inspect
import traceback

import _talon

from ..asgi import lifespan, scope
from ..asgi.http import Request
from ..asgi.websocket import RESTART, Library, WebSocket
from . import event_loop, package

server = None


class Server:
    """What the requests of this worker share."""

    def __init__(self, application):
        self.application = single_callable(application)
        self.root_path = _talon.setting("root_path") or ""
        self.grace = float(_talon.setting("asgi_disconnect_grace_period") or 3)
        self.loop = None
        self.state = None
        self.websockets = set()
        self._tasks = set()
        self._library = None

    def spawn(self, coroutine):
        task = self.loop.create_task(coroutine)
        self._tasks.add(task)  # a loop holds its tasks weakly
        task.add_done_callback(self._tasks.discard)
        return task

    def start(self, exchange):
        facts = scope.Facts(exchange)
        if facts.wants_websocket():
            library = self._websockets()
            if library is None:
                return self.spawn(refuse(exchange))
            return self.spawn(WebSocket(exchange, facts, self, library).run())
        return self.spawn(Request(exchange, facts, self).run())

    def _websockets(self):
        if self._library is None:
            try:
                self._library = Library()
            except ImportError as error:
                _talon.log(
                    _talon.ERROR,
                    "A WebSocket was refused: the package websockets is needed (%s); install it for this Python: "
                    "python3 -m pip install websockets" % error,
                )
        return self._library

    def report_late(self, error, facts):
        text = "".join(traceback.format_exception(type(error), error, error.__traceback__)).rstrip()
        _talon.log(_talon.ERROR, "Error after the response to %s %s\n%s" % (facts.method, facts.path.decode("latin-1"), text))

    async def serve(self):
        """The status to exit with."""
        life = lifespan.Lifespan(self.application, self.loop, _talon.setting("asgi_lifespan") or "auto")
        try:
            await life.start()
        except lifespan.StartupFailed as failure:
            _talon.log(_talon.ERROR, str(failure))
            return 3
        except Exception:
            _talon.log(_talon.ERROR, "Exception in worker process\n%s" % traceback.format_exc().rstrip())
            return 3
        self.state = life.state
        status = _talon.open()
        if status is None:
            turning = event_loop.Turning(self.loop)
            turning.when_draining = self.close_websockets
            turning.start()
            await turning.ended
            await self.finish_tasks()
            status = _talon.close()
        failure = await life.end()
        if failure is not None:
            _talon.log(_talon.ERROR, "The ASGI application did not shut down: %s" % (failure or "lifespan.shutdown.failed"))
        return status

    def close_websockets(self):
        for websocket in list(self.websockets):
            self.spawn(websocket.close(RESTART))

    async def finish_tasks(self):
        """What goes on after its response; as long as the master lets the worker live."""
        while self._tasks and not _talon.interrupted():
            await asyncio.wait(self._tasks, timeout=0.1)


async def refuse(exchange):
    exchange.respond(501, b"", ())
    exchange.complete(True)


def single_callable(application):
    """ASGI 2 has a callable of the scope that returns one of the rest; 3.0 has one."""
    function = application if inspect.isroutine(application) else getattr(application, "__call__", application)
    if inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(application):
        return application
    if not inspect.isclass(application):
        return application

    async def three(scope, receive, send):
        await application(scope)(receive, send)

    return three


def patch():
    pass


def after_fork():
    pass


def cancel(task):
    task.cancel()


def prepare(application, base):
    global server
    server = Server(application)
    name = _talon.setting("asgi_loop") or "auto"
    if name == "uvloop":
        package("uvloop", "asgi --asgi-loop uvloop")
    server.loop = event_loop.make(name)
    asyncio.set_event_loop(server.loop)
    return _talon.prepare_loop(application, base, server.start, cancel)


def serve():
    return server.loop.run_until_complete(server.serve())


def is_busy():
    return _talon.pending() > 0
