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
    """Waits on the descriptor of a connection, until `close`: that is due before the runtime may close the descriptor, whose
    number is another connection's then."""

    def __init__(self, loop, descriptor):
        self._loop = loop
        self._descriptor = descriptor
        self._is_open = True
        self._reading = None  # futures, while the loop watches; all who wait share them
        self._writing = None

    async def readable(self):
        await asyncio.wait((self._until_readable(),))

    async def readable_before(self, other):
        """Until it is readable, or the future `other` is done."""
        await asyncio.wait((other, self._until_readable()), return_when=asyncio.FIRST_COMPLETED)

    async def writable(self):
        if self._writing is None and self._is_open:
            self._writing = self._loop.create_future()
            self._loop.add_writer(self._descriptor, self._stop_writing)
        if self._writing is not None:
            await asyncio.wait((self._writing,))

    def close(self):
        """Whoever waits, waits no longer."""
        self._is_open = False
        if self._reading is not None:
            self._stop_reading()
        if self._writing is not None:
            self._stop_writing()

    def _until_readable(self):
        if self._reading is None:
            future = self._loop.create_future()
            if not self._is_open:
                future.set_result(None)
                return future
            self._reading = future
            self._loop.add_reader(self._descriptor, self._stop_reading)
        return self._reading

    def _stop_reading(self):
        future, self._reading = self._reading, None
        self._loop.remove_reader(self._descriptor)
        future.set_result(None)

    def _stop_writing(self):
        future, self._writing = self._writing, None
        self._loop.remove_writer(self._descriptor)
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
