"""What clients of an unusual pace need."""

import os
import time


def large(environ, start_response):
    body = b"x" * 30_000
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


def tenth(environ, start_response):
    time.sleep(0.1)
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]


def pid(environ, start_response):
    body = str(os.getpid()).encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


def early(environ, start_response):
    """Begins the response before it reads the request."""
    start_response("200 OK", [])
    yield b"first"
    yield environ["wsgi.input"].read()


def broken(environ, start_response):
    start_response("200 OK", [])
    yield b"part"
    raise ValueError("in the middle")


ROUTES = {"/large": large, "/tenth": tenth, "/": pid, "/early": early, "/broken": broken}


def app(environ, start_response):
    return ROUTES[environ["PATH_INFO"]](environ, start_response)
