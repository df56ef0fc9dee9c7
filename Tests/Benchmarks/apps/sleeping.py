"""The answer of hello.py, after a wait of 1 s."""

import time


def app(environ, start_response):
    time.sleep(1)
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "13")])
    return [b"Hello, world!"]
