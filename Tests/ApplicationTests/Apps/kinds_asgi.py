"""One application for the kind of worker that speaks ASGI, without a framework; see kinds_common.py."""

import asyncio
import os

import kinds_common as common
from stage import FOLDER, tell


class Broken(Exception):
    """The client has left in the middle of its body."""


async def wait_for(gate):
    while not os.path.exists(os.path.join(FOLDER, gate)):
        await asyncio.sleep(0.005)


async def start(send, status=200, fields=()):
    await send({"type": "http.response.start", "status": status, "headers": [(b"x-kind", b"asgi"), *fields]})


async def piece(send, body, is_more=True):
    await send({"type": "http.response.body", "body": body, "more_body": is_more})


async def whole(send, body):
    await start(send, 200, [(b"content-length", b"%d" % len(body))])
    await piece(send, body, False)


async def blocks(receive):
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Broken
        if message["body"]:
            yield message["body"]
        if not message["more_body"]:
            return


async def endless(receive, send):
    async def gone():
        while (await receive())["type"] != "http.disconnect":
            pass

    leaving = asyncio.ensure_future(gone())
    await start(send)
    try:
        while not leaving.done():
            await piece(send, common.BLOCK)
            await asyncio.sleep(0)
    except OSError:
        await leaving  # whichever tells of it first, the other does, too
    tell("endless closed")


async def read(receive, send):
    digest = common.Digest()
    try:
        async for block in blocks(receive):
            digest.add(block)
            tell("reading")
    except Broken:
        tell("broke off")
        return
    tell("read")
    await whole(send, digest.text())


async def stream(send, gate):
    await start(send)
    await piece(send, b"first\n")
    await wait_for(gate)
    await piece(send, b"second\n", False)
    tell("stream closed")


async def app(scope, receive, send):
    if scope["type"] != "http":
        raise NotImplementedError(scope["type"])
    path, query = scope["path"], common.query_of(scope["query_string"].decode())
    if path == "/pid":
        return await whole(send, str(os.getpid()).encode())
    if path == "/bytes":
        body = common.pattern(int(query["size"]))
        if "unknown" not in query:
            return await whole(send, body)
        await start(send)
        await piece(send, body[:1])
        return await piece(send, body[1:], False)
    if path == "/status":
        await start(send, int(query["line"].split()[0]))
        return await piece(send, b"", False)
    if path == "/echo":
        return await whole(send, b"".join([block async for block in blocks(receive)]))
    if path == "/digest":
        digest = common.Digest()
        async for block in blocks(receive):
            digest.add(block)
        return await whole(send, digest.text())
    if path == "/read":
        return await read(receive, send)
    if path == "/stream":
        return await stream(send, query["gate"])
    if path == "/endless":
        return await endless(receive, send)
    if path == "/fail":
        raise RuntimeError("the application gave up")
    if path == "/fail-midway":
        await start(send)
        await piece(send, b"part")
        raise RuntimeError("gave up midway")
    if path == "/wait":
        await asyncio.sleep(float(query["seconds"]))
    if path == "/hold":
        tell("held " + query["gate"])
        await wait_for(query["gate"])
    if path == "/hang":
        tell("hanging")
        await asyncio.sleep(common.HANG_SECONDS)
    if path == "/loop":
        tell("looping")
        common.stuck_in_loop()
    if path == "/c":
        tell("in C")
        common.stuck_in_c()
    await whole(send, b"ok")
