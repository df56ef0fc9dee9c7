"""Bodies that no memory should hold: every byte is that of a known pattern."""

import os
import time
import urllib.parse

from stage import tell, wait_for

PATTERN = bytes((number * 7 + (number >> 8)) % 251 for number in range(1 << 16))
TWICE = PATTERN + PATTERN


def upload(environ, start_response, query):
    """Reads 64 KiB at a time, late and with pauses, and checks what it reads."""
    source = environ["wsgi.input"]
    tell("entered")
    if "gate" in query:
        wait_for(query["gate"])
    total, pauses = 0, 0
    while block := source.read(65536):
        start = total % len(PATTERN)
        if block != TWICE[start:start + len(block)]:
            body = b"wrong after %d" % total
            start_response("200 OK", [("Content-Length", str(len(body)))])
            return [body]
        total += len(block)
        if total >> 26 > pauses:
            pauses += 1
            time.sleep(0.02)
    body = b"%d right" % total
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


def download(environ, start_response, query):
    """Sends `size` bytes in blocks of `block`, and tells the test how far it is every 8 MiB."""
    size, block = int(query["size"]), int(query.get("block", 65536))
    source = TWICE * (block // len(PATTERN) + 1)

    def parts():
        sent = 0
        while sent < size:
            start = sent % len(PATTERN)
            part = source[start:start + min(block, size - sent)]
            sent += len(part)
            if sent >> 23 > (sent - len(part)) >> 23:
                tell(f"made {sent}")
            yield part

    headers = [("Content-Type", "application/octet-stream")]
    if "chunked" not in query:
        headers.append(("Content-Length", str(size)))
    start_response("200 OK", headers)
    return parts()


def app(environ, start_response):
    query = dict(urllib.parse.parse_qsl(environ["QUERY_STRING"]))
    if environ["PATH_INFO"] == "/upload":
        return upload(environ, start_response, query)
    if environ["PATH_INFO"] == "/download":
        return download(environ, start_response, query)
    body = str(os.getpid()).encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]
