"""One application for all kinds of worker that speak WSGI; see kinds_common.py."""

import os
import time

import kinds_common as common
from stage import tell, wait_for


def whole(start_response, body, status="200 OK", fields=()):
    start_response(status, [("Content-Length", str(len(body))), ("X-Kind", "wsgi"), *fields])
    return [body]


def blocks(environ):
    while block := environ["wsgi.input"].read(1000 if environ["PATH_INFO"] == "/read" else 65536):
        yield block


class Stream:
    """Two pieces, the second once the test lets it go."""

    def __init__(self, gate):
        self._pieces = self._make(gate)

    @staticmethod
    def _make(gate):
        yield b"first\n"
        wait_for(gate)
        yield b"second\n"

    def __iter__(self):
        return self._pieces

    def close(self):
        tell("stream closed")


def endless():
    try:
        while True:
            yield common.BLOCK
    finally:
        tell("endless closed")


def broken():
    yield b"part"
    raise RuntimeError("gave up midway")


def read(environ, start_response):
    digest = common.Digest()
    try:
        for block in blocks(environ):
            digest.add(block)
            tell("reading")
    except Exception:
        tell("broke off")
        raise
    tell("read")
    return whole(start_response, digest.text())


def digest(environ, start_response):
    digest = common.Digest()
    for block in blocks(environ):
        digest.add(block)
    return whole(start_response, digest.text())


def app(environ, start_response):
    path, query = environ["PATH_INFO"], common.query_of(environ["QUERY_STRING"])
    if path == "/pid":
        return whole(start_response, str(os.getpid()).encode())
    if path == "/bytes":
        body = common.pattern(int(query["size"]))
        if "unknown" not in query:
            return whole(start_response, body)
        start_response("200 OK", [])
        return iter([body[:1], body[1:]])
    if path == "/status":
        start_response(query["line"], [("X-Kind", "wsgi")])
        return []
    if path == "/echo":
        return whole(start_response, environ["wsgi.input"].read())
    if path == "/digest":
        return digest(environ, start_response)
    if path == "/read":
        return read(environ, start_response)
    if path == "/stream":
        start_response("200 OK", [])
        return Stream(query["gate"])
    if path == "/endless":
        start_response("200 OK", [])
        return endless()
    if path == "/fail":
        raise RuntimeError("the application gave up")
    if path == "/fail-midway":
        start_response("200 OK", [])
        return broken()
    if path == "/wait":
        time.sleep(float(query["seconds"]))
    if path == "/hold":
        tell("held " + query["gate"])
        wait_for(query["gate"])
    if path == "/hang":
        tell("hanging")
        time.sleep(common.HANG_SECONDS)
    if path == "/loop":
        tell("looping")
        common.stuck_in_loop()
    if path == "/c":
        tell("in C")
        common.stuck_in_c()
    return whole(start_response, b"ok")
