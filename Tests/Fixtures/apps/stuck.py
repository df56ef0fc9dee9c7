"""An application whose requests get stuck in every way there is. Each says by a file NAME.started that it runs."""

import os
import pathlib
import time


def touch(name):
    pathlib.Path(name + ".new").write_text(str(os.getpid()))
    os.rename(name + ".new", name)


def stuck_in_sleep():
    while True:
        time.sleep(3600)


def stuck_in_loop():
    while True:
        pass


def stuck_in_c():
    """A call that comes back in hours, and neither lets other threads run nor looks for signals meanwhile."""
    return sum(range(10**13))


def stuck_in_stream():
    yield b"part"
    yield b"s of it"
    stuck_in_sleep()


def ticking_stream():
    for _ in range(12):
        time.sleep(0.5)
        yield b"tick"


def hold(name):
    while not os.path.exists(name + ".go"):
        time.sleep(0.01)
    return "held"


STUCK = {"/sleep": stuck_in_sleep, "/loop": stuck_in_loop, "/c": stuck_in_c}
STREAMS = {"/stream": stuck_in_stream, "/ticks": ticking_stream}


def app(environ, start_response):
    path, name = environ["PATH_INFO"], environ["QUERY_STRING"]
    if name:
        touch(name + ".started")
    if path in STREAMS:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return STREAMS[path]()
    if path in STUCK:
        STUCK[path]()
    if path == "/die":
        os._exit(7)
    body = (hold(name) if path == "/hold" else str(os.getpid())).encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
