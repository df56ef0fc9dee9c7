"""The application of the soak: the answer of hello.py, and which worker gave it."""

import os


def app(environ, start_response):
    fields = [("Content-Type", "text/plain"), ("Content-Length", "13"), ("X-Worker", str(os.getpid()))]
    start_response("200 OK", fields)
    return [b"Hello, world!"]
