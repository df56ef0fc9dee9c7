"""One WebSocket of an ASGI application: RFC 6455, whose frames are the business of the package websockets."""

import asyncio

from ..kinds.event_loop import Readiness
from . import scope
from .http import ApplicationError, ClientDisconnected, is_disconnection

MESSAGE_LIMIT = 16 << 20  # bytes; as uvicorn's
QUEUE_LIMIT = 32  # messages that the application has not taken
HANDSHAKE_FIELDS = (b"sec-websocket-accept", b"sec-websocket-extensions")
GOING_AWAY = 1001
NO_STATUS = 1005
LOST = 1006
RESTART = 1012


class WebSocket:
    def __init__(self, exchange, facts, server, library):
        self._exchange = exchange
        self._facts = facts
        self._server = server
        self._library = library
        self._ready = Readiness(server.loop, exchange.fileno())
        self._writing = asyncio.Lock()
        self._protocol = library.protocol(MESSAGE_LIMIT)
        self._request = None
        self._pieces = []
        self._is_text = False
        self._messages = asyncio.Queue(QUEUE_LIMIT)
        self._has_connected = False
        self._is_accepted = False
        self._is_closed = False
        self._denial = None  # status and headers, of the extension websocket.http.response
        self._reader = None

    async def run(self):
        exchange = self._exchange
        succeeded = False
        try:
            connection = scope.make("websocket", self._facts, self._server.root_path, self._server.state)
            connection["scheme"] = "wss" if self._facts.scheme == "https" else "ws"
            connection["subprotocols"] = self._subprotocols()
            connection["extensions"] = {"websocket.http.response": {}}
            await self._server.application(connection, self._receive, self._send)
            if not self._is_accepted and not self._is_closed:
                raise ApplicationError("the ASGI application returned and did neither accept nor close the WebSocket")
            succeeded = True
        except asyncio.CancelledError:
            pass
        except BaseException as error:
            # What Starlette raises to tell of the end is no fault, if nobody catches it.
            succeeded = self._is_closed and (type(error).__name__ == "WebSocketDisconnect" or is_disconnection(error))
            if not succeeded:
                exchange.report(error)
        finally:
            self._server.websockets.discard(self)
            await self._finish(1000 if succeeded else 1011)
            self._ready.close()
            exchange.complete(succeeded)

    async def _finish(self, code):
        if self._reader is not None:
            self._reader.cancel()
        if self._is_accepted and not self._is_closed:
            await self.close(code)

    def _subprotocols(self):
        names = []
        for key, value in self._facts.headers:
            if key == b"sec-websocket-protocol":
                names += [name.strip() for name in value.decode("latin-1").split(",")]
        return names

    async def _receive(self):
        if not self._has_connected:
            self._has_connected = True
            return {"type": "websocket.connect"}
        return await self._messages.get()

    async def _send(self, message):
        kind = message["type"]
        if self._is_closed:
            if kind == "websocket.send":
                raise ClientDisconnected("the WebSocket is closed")
            return
        if kind == "websocket.accept" and not self._is_accepted:
            await self._accept(message.get("subprotocol"), message.get("headers", ()))
        elif kind == "websocket.send" and self._is_accepted:
            text = message.get("text")
            if text is not None:
                self._protocol.send_text(text.encode("utf-8"))
            else:
                self._protocol.send_binary(message["bytes"])
            try:
                await self._flush()
            except ConnectionError:
                self._is_closed = True  # before the reader knows
                raise ClientDisconnected("the client has left") from None
        elif kind == "websocket.close":
            if self._is_accepted:
                await self.close(message.get("code", 1000), message.get("reason") or "")
            else:
                self._deny(403, ())
                self._is_closed = True
        elif kind == "websocket.http.response.start" and not self._is_accepted:
            self._denial = (message["status"], message.get("headers", ()))
        elif kind == "websocket.http.response.body" and self._denial is not None:
            if self._pieces == []:
                self._exchange.respond(self._denial[0], b"", self._denial[1])
            self._pieces.append(b"")
            self._exchange.write(message.get("body", b""))
            self._is_closed = not message.get("more_body", False)
        else:
            raise ApplicationError("the message %r has no place here" % kind)

    def _deny(self, status, headers):
        self._exchange.respond(status, b"", headers)
        self._messages.put_nowait({"type": "websocket.disconnect", "code": LOST})

    async def _accept(self, subprotocol, headers):
        protocol = self._protocol
        lines = [b"GET %s HTTP/1.1\r\n" % self._facts.target]
        lines += [b"%s: %s\r\n" % field for field in self._facts.headers]
        protocol.receive_data(b"".join(lines) + b"\r\n")
        requests = protocol.events_received()
        response = protocol.accept(requests[0]) if requests else None
        if response is None or response.status_code != 101:
            # Its handshake is wrong: the version, the key.
            status = 400 if response is None else response.status_code
            fields = [] if response is None else [
                (name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers.raw_items()
            ]  # fmt: skip
            self._deny(status, [field for field in fields if field[0].lower() == b"sec-websocket-version"])
            self._is_closed = True
            return
        fields = [
            (name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers.raw_items()
        ]
        fields = [field for field in fields if field[0].lower() in HANDSHAKE_FIELDS]
        if subprotocol:
            fields.append((b"Sec-WebSocket-Protocol", subprotocol.encode("latin-1")))
        self._exchange.respond(101, b"", fields + list(headers))
        self._exchange.upgrade(b"websocket")
        protocol.send_response(response)
        protocol.data_to_send()  # its own head, which was sent already
        self._is_accepted = True
        self._server.websockets.add(self)
        self._reader = self._server.spawn(self._read())

    async def _read(self):
        code, reason = LOST, ""
        try:
            while True:
                data = self._exchange.read()
                if data is None:
                    await self._ready.readable()
                    continue
                if not data:
                    self._protocol.receive_eof()
                    break
                self._protocol.receive_data(data)
                for frame in self._protocol.events_received():
                    await self._take(frame)
                await self._flush()
                if self._protocol.close_rcvd is not None or self._protocol.close_sent is not None:
                    break
        except ConnectionError:
            pass
        received = self._protocol.close_rcvd
        if received is not None:
            code, reason = received.code, received.reason
        elif self._protocol.close_sent is not None:
            code, reason = self._protocol.close_sent.code, self._protocol.close_sent.reason
        self._is_closed = True
        await self._messages.put({"type": "websocket.disconnect", "code": code or NO_STATUS, "reason": reason})

    async def _take(self, frame):
        names = self._library.opcodes
        if frame.opcode in (names.TEXT, names.BINARY):
            self._pieces, self._is_text = [frame.data], frame.opcode is names.TEXT
        elif frame.opcode is names.CONT:
            self._pieces.append(frame.data)
        else:
            return
        if not frame.fin:
            if sum(map(len, self._pieces)) > MESSAGE_LIMIT:
                await self.close(1009, "message too big")
            return
        data, self._pieces = b"".join(self._pieces), []
        message = {"type": "websocket.receive", "bytes": data}
        if self._is_text:
            try:
                message = {"type": "websocket.receive", "text": data.decode("utf-8")}
            except UnicodeDecodeError:
                await self.close(1007, "invalid UTF-8")
                return
        await self._messages.put(message)

    async def close(self, code, reason=""):
        try:
            self._protocol.send_close(code, reason)
            await self._flush()
        except (ConnectionError, self._library.error):
            pass
        self._is_closed = True

    async def _flush(self):
        async with self._writing:
            data = b"".join(self._protocol.data_to_send())
            if data:
                self._exchange.write(data)
                while not self._exchange.flush():
                    await self._ready.writable()


class Library:
    """The parts of the package websockets that are used. None if it is not installed."""

    def __init__(self):
        from websockets.exceptions import ProtocolError
        from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory
        from websockets.frames import Opcode
        from websockets.server import ServerProtocol

        self.error = ProtocolError
        self.opcodes = Opcode
        self._make, self._deflate = ServerProtocol, ServerPerMessageDeflateFactory

    def protocol(self, limit):
        return self._make(extensions=[self._deflate()], max_size=limit)
