"""What the kinds with an event loop of asyncio's share: the runtime's loop turns when its descriptor is readable, and often
enough."""

import asyncio

import _talon


class Turning:
    """The runtime's part in a loop. `ended` is done when the server has stopped."""

    def __init__(self, loop):
        self._loop = loop
        self._descriptor = _talon.descriptor()
        self._sooner = None
        self.when_draining = None  # called once, when the server begins to stop
        self.ended = loop.create_future()

    def start(self):
        self._loop.add_reader(self._descriptor, self._turn)
        self._tick()

    def _tick(self):
        if not self.ended.done():
            self._loop.call_later(1.0, self._tick)
            self._turn()

    def _turn(self):
        if self.ended.done():
            return
        try:
            pause = _talon.turn()
        except BaseException as error:
            self._end(error)
            return
        if self.when_draining is not None and _talon.draining():
            notify, self.when_draining = self.when_draining, None
            notify()
        if pause < 0:
            self._end(None)
        elif pause < 1000 and self._sooner is None:
            self._sooner = self._loop.call_later(pause / 1000, self._come_sooner)

    def _come_sooner(self):
        self._sooner = None
        self._turn()

    def _end(self, error):
        self._loop.remove_reader(self._descriptor)
        if error is None:
            self.ended.set_result(None)
        else:
            self.ended.set_exception(error)


class Readiness:
    """Waits on one descriptor, for one task at a time."""

    def __init__(self, loop, descriptor):
        self._loop = loop
        self._descriptor = descriptor

    async def readable(self):
        await self._wait(self._loop.add_reader, self._loop.remove_reader)

    async def writable(self):
        await self._wait(self._loop.add_writer, self._loop.remove_writer)

    async def readable_before(self, other):
        """Until it is readable, or the future `other` is done."""
        future = self._loop.create_future()
        self._loop.add_reader(self._descriptor, _wake, future)
        try:
            await asyncio.wait((other, future), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._loop.remove_reader(self._descriptor)

    async def _wait(self, add, remove):
        future = self._loop.create_future()
        add(self._descriptor, _wake, future)
        try:
            await future
        finally:
            remove(self._descriptor)


def _wake(future):
    if not future.done():
        future.set_result(None)


def make(name):
    """`auto`, `asyncio` or `uvloop`: gunicorn's setting asgi_loop."""
    if name in ("auto", "uvloop"):
        try:
            import uvloop

            return uvloop.new_event_loop()
        except ImportError:
            if name == "uvloop":
                raise
    return asyncio.new_event_loop()
