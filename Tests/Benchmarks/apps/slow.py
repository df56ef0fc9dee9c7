"""The answer of hello.py, after a wait of 5 ms: 4 threads can give 800 a second."""

import time


def app(environ, start_response):
    time.sleep(0.005)
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "13")])
    return [b"Hello, world!"]
