"""One application of tornado.web, for the kind of worker tornado; see kinds_common.py."""

import asyncio
import os

import kinds_common as common
from stage import FOLDER, tell
from tornado import iostream, web, websocket


async def wait_for(gate):
    while not os.path.exists(os.path.join(FOLDER, gate)):
        await asyncio.sleep(0.005)


class Handler(web.RequestHandler):
    def set_default_headers(self):
        self.set_header("X-Kind", "tornado")

    def compute_etag(self):
        return None  # it would answer a request that has If-None-Match by 304

    async def get(self):
        await self.answer(common.query_of(self.request.query))

    head = get
    post = put = delete = get

    async def answer(self, query):
        self.finish(b"ok")


class Pid(Handler):
    async def answer(self, query):
        self.finish(str(os.getpid()))


class Bytes(Handler):
    async def answer(self, query):
        body = common.pattern(int(query["size"]))
        if "unknown" in query:
            self.write(body[:1])
            await self.flush()
            self.write(body[1:])
        else:
            self.write(body)
        self.finish()


class Status(Handler):
    async def answer(self, query):
        self.set_status(int(query["line"].split()[0]))
        self.finish()


class Echo(Handler):
    async def answer(self, query):
        self.finish(self.request.body)


@web.stream_request_body
class Digest(Handler):
    def prepare(self):
        self.digest = common.Digest()

    def data_received(self, chunk):
        self.digest.add(chunk)

    async def answer(self, query):
        self.finish(self.digest.text())


@web.stream_request_body
class Read(Digest):
    def data_received(self, chunk):
        self.digest.add(chunk)
        tell("reading")

    def on_connection_close(self):
        super().on_connection_close()
        tell("broke off")

    async def answer(self, query):
        tell("read")
        self.finish(self.digest.text())


class Stream(Handler):
    async def answer(self, query):
        self.write(b"first\n")
        await self.flush()
        await wait_for(query["gate"])
        self.write(b"second\n")
        self.finish()
        tell("stream closed")


class Endless(Handler):
    async def answer(self, query):
        try:
            while True:
                self.write(common.BLOCK)
                await self.flush()
                await asyncio.sleep(0)
        except iostream.StreamClosedError:
            tell("endless closed")


class Fail(Handler):
    async def answer(self, query):
        raise RuntimeError("the application gave up")


class FailMidway(Handler):
    async def answer(self, query):
        self.write(b"part")
        await self.flush()
        raise RuntimeError("gave up midway")


class Wait(Handler):
    async def answer(self, query):
        await asyncio.sleep(float(query["seconds"]))
        self.finish(b"ok")


class Hold(Handler):
    async def answer(self, query):
        tell("held " + query["gate"])
        await wait_for(query["gate"])
        self.finish(b"ok")


class Hang(Handler):
    async def answer(self, query):
        tell("hanging")
        await asyncio.sleep(common.HANG_SECONDS)
        self.finish(b"ok")


class Loop(Handler):
    async def answer(self, query):
        tell("looping")
        common.stuck_in_loop()


class InC(Handler):
    async def answer(self, query):
        tell("in C")
        common.stuck_in_c()


class Chat(websocket.WebSocketHandler):
    def select_subprotocol(self, subprotocols):
        return "second" if "second" in subprotocols else None

    def open(self):
        tell("opened")

    def on_message(self, message):
        if message == "close":
            self.close(4001, "asked to")
        else:
            self.write_message(message, binary=isinstance(message, bytes))

    def on_close(self):
        tell("closed %s" % self.close_code)


app = web.Application(
    [
        ("/", Handler), ("/pid", Pid), ("/bytes", Bytes), ("/status", Status), ("/echo", Echo), ("/digest", Digest),
        ("/read", Read), ("/stream", Stream), ("/endless", Endless), ("/fail", Fail), ("/fail-midway", FailMidway),
        ("/wait", Wait), ("/hold", Hold), ("/hang", Hang), ("/loop", Loop), ("/c", InC), ("/chat", Chat),
    ],
    websocket_max_message_size=32 << 20,
)  # fmt: skip
