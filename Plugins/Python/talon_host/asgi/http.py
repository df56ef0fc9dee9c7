"""One HTTP request of an ASGI application."""

import asyncio

from ..kinds.event_loop import Readiness
from . import scope


class ApplicationError(Exception):
    """The application does not keep to the protocol."""


class ClientDisconnected(ConnectionError):
    """Raised by send(): nobody is there any more. Else an application that only sends would never learn of it."""


def is_disconnection(error):
    """Whether it is that, or what somebody made of it, such as Starlette's ClientDisconnect."""
    while error is not None and not isinstance(error, ClientDisconnected):
        error = error.__cause__ or error.__context__
    return error is not None


class Request:
    def __init__(self, exchange, facts, server):
        self._exchange = exchange
        self._facts = facts
        self._server = server
        self._ready = Readiness(server.loop, exchange.fileno())
        self._left = facts.length  # bytes of the body to come; -1: unknown
        self._has_read = False
        self._is_started = False
        self._scope = {}
        self._task = None
        self._is_over = server.loop.create_future()  # answered, or the client has left

    async def run(self):
        exchange = self._exchange
        self._task = asyncio.current_task()
        try:
            self._scope = scope.make("http", self._facts, self._server.root_path, self._server.state)
            await self._server.application(self._scope, self._receive, self._send)
            if exchange.is_open and not self._is_over.done():
                what = "complete" if self._is_started else "start"
                raise ApplicationError("the ASGI application returned and did not %s its response" % what)
        except asyncio.CancelledError:
            pass  # the runtime has logged why
        except BaseException as error:
            if is_disconnection(error):
                pass
            elif exchange.is_open:
                exchange.report(error)
            else:
                self._server.report_late(error, self._facts)
            if isinstance(error, (SystemExit, KeyboardInterrupt)) and not exchange.is_open:
                raise
        finally:
            self._end(False)

    def _end(self, succeeded):
        if not self._is_over.done():
            self._is_over.set_result(None)
        if self._exchange.is_open:
            # FastAPI leaves the route that has matched here; see routes.py for frameworks of WSGI.
            route = getattr(self._scope.get("route"), "path", None)
            if isinstance(route, str):
                self._exchange.set_route(self._scope.get("root_path", "") + route)
            self._ready.close()
            self._exchange.complete(succeeded)

    async def _receive(self):
        while not self._has_read and not self._is_over.done():
            try:
                data = self._exchange.read() if self._left != 0 else b""
            except ConnectionError:
                self._client_left()
                break
            if data is not None:
                if self._left > 0:
                    self._left -= len(data)
                self._has_read = self._left == 0 or not data
                return {"type": "http.request", "body": data, "more_body": not self._has_read}
            await self._ready.readable()
        await self._until_over()
        return {"type": "http.disconnect"}

    async def _until_over(self):
        """Until the response is complete, or the client has left. A next request that is here already hides the latter."""
        if not self._is_over.done():
            await self._ready.readable_before(self._is_over)
        if not self._is_over.done():
            if self._exchange.client_left():
                self._client_left()
            await asyncio.shield(self._is_over)

    def _client_left(self):
        if not self._is_over.done():
            self._is_over.set_result(None)
            self._server.loop.call_later(self._server.grace, self._give_up)

    def _give_up(self):
        """The setting asgi_disconnect_grace_period is over."""
        if self._exchange.is_open:
            self._task.cancel()

    async def _send(self, message):
        kind = message["type"]
        if kind == "http.response.start":
            if self._is_started:
                raise ApplicationError("http.response.start was sent twice")
            if self._exchange.is_open:
                self._exchange.respond(message["status"], b"", message.get("headers", ()))
            self._is_started = True
        elif kind == "http.response.body":
            if not self._is_started:
                raise ApplicationError("http.response.body was sent before http.response.start")
            await self._send_body(message.get("body", b""), message.get("more_body", False))
        else:
            raise ApplicationError("the message %r is none of HTTP" % kind)

    async def _send_body(self, body, is_more):
        exchange = self._exchange
        try:
            if exchange.is_open and body:
                exchange.write(body)
            if exchange.is_open and not is_more:
                return self._end(True)
            while exchange.is_open and not exchange.flush():
                await self._ready.writable()
        except ConnectionError:
            self._client_left()
            self._end(False)
        if not exchange.is_open:
            raise ClientDisconnected("the client has left")
