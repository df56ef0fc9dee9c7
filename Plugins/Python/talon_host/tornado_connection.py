"""A request of the runtime's as a connection of tornado.httputil, which Tornado's applications are served through."""

import asyncio
import socket

from tornado import httputil, iostream

from .asgi.scope import Facts
from .kinds.event_loop import Readiness

BODY_LIMIT = 100 << 20  # Tornado's own max_body_size: handlers keep the whole body in memory


class Context:
    """What Tornado asks of the connection that a request came on."""

    def __init__(self, facts):
        self.remote_ip = facts.client[0] if facts.client else "0.0.0.0"
        self.protocol = facts.scheme
        self.address = facts.client


class Connection(httputil.HTTPConnection):
    def __init__(self, exchange, facts, loop):
        self._exchange = exchange
        self._loop = loop
        self.ready = Readiness(loop, exchange.fileno())
        self._close_callback = None
        self._writing = None
        self.context = Context(facts)
        self.finished = loop.create_future()
        self.no_keep_alive = False
        self.stream = None

    def set_close_callback(self, callback):
        self._close_callback = callback

    def write_headers(self, start_line, headers, chunk=None):
        if start_line.code == 101:
            return self._hand_over(start_line, headers)
        fields = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.get_all()]
        self._exchange.respond(start_line.code, (start_line.reason or "").encode("latin-1"), fields)
        return self.write(chunk or b"")

    def write(self, chunk):
        if not self._exchange.is_open:
            return self._failed()
        try:
            # Tornado's handlers keep what they make until they flush it: what comes here is to go out.
            is_sent = not chunk or (self._exchange.write(chunk) and self._exchange.flush())
        except ConnectionError:
            self.lost()
            return self._failed()
        if is_sent:
            future = self._loop.create_future()
            future.set_result(None)
            return future
        self._writing = asyncio.ensure_future(self._drain(self._writing))
        return self._writing

    def _failed(self):
        future = self._loop.create_future()
        future.set_exception(iostream.StreamClosedError())
        future.exception()
        return future

    async def _drain(self, before):
        if before is not None:
            await before
        try:
            while self._exchange.is_open and not self._exchange.flush():
                await self.ready.writable()
        except ConnectionError:
            self.lost()
            raise iostream.StreamClosedError() from None

    def finish(self):
        self._end(True)

    def lost(self):
        """The client is gone."""
        callback, self._close_callback = self._close_callback, None
        if callback is not None:
            callback()
        self._end(False)

    def _end(self, succeeded):
        if self._exchange.is_open:
            self.ready.close()
            self._exchange.complete(succeeded)
        if not self.finished.done():
            self.finished.set_result(None)

    def _hand_over(self, start_line, headers):
        """For WebSockets: the connection is Tornado's from here on."""
        descriptor = self._exchange.detach()
        if descriptor < 0:
            raise RuntimeError("the connection cannot be handed over: it is encrypted, or an answer was begun")
        self.stream = iostream.IOStream(socket.socket(fileno=descriptor))
        lines = ["HTTP/1.1 101 %s" % (start_line.reason or "Switching Protocols")]
        lines += ["%s: %s" % field for field in headers.get_all()]
        return self.stream.write("\r\n".join(lines + ["", ""]).encode("latin-1"))

    def detach(self):
        if self.stream is None:
            raise RuntimeError("only a connection that was upgraded (101) can be detached")
        return self.stream


async def start(application, exchange, loop):
    facts = Facts(exchange)
    connection = Connection(exchange, facts, loop)
    try:
        delegate = application.start_request(connection, connection)
        headers = httputil.HTTPHeaders()
        for name, value in facts.headers:
            headers.add(name.decode("latin-1"), value.decode("latin-1"))
        line = httputil.RequestStartLine(facts.method, facts.target.decode("latin-1"), "HTTP/" + facts.version)
        await settled(delegate.headers_received(line, headers))
        if await read_body(exchange, connection, delegate, facts.length):
            delegate.finish()
            await until_finished(exchange, connection)
    except asyncio.CancelledError:
        connection.lost()
    except BaseException as error:
        if exchange.is_open:
            exchange.report(error)
        connection.lost()


async def settled(awaitable):
    if awaitable is not None:
        await awaitable


async def read_body(exchange, connection, delegate, left):
    """False if the client did not send it, or too much."""
    count = 0
    while left != 0 and exchange.is_open:
        try:
            data = exchange.read()
        except ConnectionError:
            connection.set_close_callback(None)  # it would say the same again
            delegate.on_connection_close()
            connection.lost()
            return False
        if data is None:
            await connection.ready.readable()
            continue
        if not data:
            break
        count += len(data)
        left = left - len(data) if left > 0 else left
        if count > BODY_LIMIT:
            exchange.respond(413, b"", ())
            connection.finish()
            return False
        await settled(delegate.data_received(data))
    return exchange.is_open


async def until_finished(exchange, connection):
    """Until the response is complete; tells the handler if its client leaves before."""
    await connection.ready.readable_before(connection.finished)
    if not connection.finished.done():
        if exchange.is_open and exchange.client_left():
            connection.lost()
        await connection.finished
