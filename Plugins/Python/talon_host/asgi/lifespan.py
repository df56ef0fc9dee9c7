"""The lifespan protocol: the application is told of the worker's start and end."""

import asyncio


class StartupFailed(Exception):
    """The application says that it cannot start."""


class Lifespan:
    def __init__(self, application, loop, mode):
        self._application = application
        self._loop = loop
        self._mode = mode  # the setting asgi_lifespan: auto, on, off
        self._events = asyncio.Queue()
        self._started = loop.create_future()
        self._ended = loop.create_future()
        self._task = None
        self.state = {}

    async def start(self):
        """Raises StartupFailed, and what the application raises unless it may not know the protocol."""
        if self._mode == "off":
            return
        self._task = self._loop.create_task(self._run())
        # An application says by a message why it fails, and raises it then: that is told once.
        self._task.add_done_callback(lambda task: task.cancelled() or task.exception())
        self._events.put_nowait({"type": "lifespan.startup"})
        await asyncio.wait((self._started, self._task), return_when=asyncio.FIRST_COMPLETED)
        if self._started.done():
            failure = self._started.result()
            if failure is not None:
                raise StartupFailed("The ASGI application did not start: %s" % (failure or "lifespan.startup.failed"))
        elif self._mode == "on":
            self._task.result()
            raise StartupFailed("the ASGI application ended its lifespan before it had started; use --asgi-lifespan auto")
        else:
            self._task.exception()  # it does not know the protocol
            self._task = None

    async def _run(self):
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self.state}
        await self._application(scope, self._events.get, self._send)

    async def _send(self, message):
        kind = message["type"]
        if kind in ("lifespan.startup.complete", "lifespan.startup.failed"):
            failure = message.get("message", "") if kind.endswith("failed") else None
            if not self._started.done():
                self._started.set_result(failure)
        elif kind in ("lifespan.shutdown.complete", "lifespan.shutdown.failed"):
            failure = message.get("message", "") if kind.endswith("failed") else None
            if not self._ended.done():
                self._ended.set_result(failure)
        else:
            raise ValueError("the message %r is none of the lifespan" % kind)

    async def end(self):
        """What went wrong, or None."""
        if self._task is None:
            return None
        if not self._task.done():
            self._events.put_nowait({"type": "lifespan.shutdown"})
            await asyncio.wait((self._ended, self._task), return_when=asyncio.FIRST_COMPLETED)
        if self._ended.done():
            return self._ended.result()
        error = None if self._task.cancelled() else self._task.exception()
        return None if error is None else repr(error)
