"""Requests that are there together: /hold keeps the worker from them until the test says so."""

import stage


def app(environ, start_response):
    path = environ["PATH_INFO"]
    if path in ("/hold", "/last"):
        stage.tell(path)
        stage.wait_for(f"gate-{path[1:]}")
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]
