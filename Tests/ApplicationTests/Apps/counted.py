"""An application whose requests state routes and fail as they are asked to, for the tests of what is counted."""

import sys
import urllib.parse

PLAIN = [("Content-Type", "text/plain"), ("Content-Length", "2")]


class FailsAtClose:
    """A body that is sent whole, and fails when it is closed: the connection lives on."""

    def __init__(self, name):
        self._name = name

    def __iter__(self):
        return iter([b"ok"])

    def close(self):
        raise type(self._name, (Exception,), {})("closed")


def app(environ, start_response):
    query = dict(urllib.parse.parse_qsl(environ["QUERY_STRING"]))
    if "route" in query:
        environ["X-Talon-Route"] = query["route"]
    if "odd" in query:
        environ["X-Talon-Route"] = {"number": 5, "surrogate": "\udc80", "empty": ""}[query["odd"]]
    if "raise" in query:
        raise type(query["raise"], (Exception,), {})("asked for")
    start_response(query.get("status", "200 OK"), PLAIN)
    if environ["PATH_INFO"] == "/finders":
        return [str(any("talon" in type(finder).__module__ for finder in sys.meta_path)).encode()]
    return FailsAtClose(query["close"]) if "close" in query else [b"ok"]
