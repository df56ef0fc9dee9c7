"""The scope of a connection: ASGI, HTTP and WebSocket message format 2.5."""

from urllib.parse import unquote_to_bytes

VERSION = {"version": "3.0", "spec_version": "2.5"}


class Facts:
    """What a request says of itself. `length` is that of its body, -1 if that is not known."""

    __slots__ = (
        "method", "target", "path", "query", "headers", "version", "scheme", "client", "server", "length"
    )  # fmt: skip

    def __init__(self, exchange):
        (self.method, self.target, self.path, self.query, self.headers, self.version, self.scheme, self.client,
         self.server, self.length) = exchange.request()  # fmt: skip

    def header(self, name):
        for key, value in self.headers:
            if key == name:
                return value
        return None

    def wants_websocket(self):
        """RFC 6455 section 4.1."""
        upgrade = self.header(b"upgrade")
        return (
            upgrade is not None
            and upgrade.lower() == b"websocket"
            and self.method == "GET"
            and self.version == "1.1"
            and self.header(b"sec-websocket-key") is not None
        )


def make(kind, facts, root_path, state):
    path = facts.path.decode("latin-1")
    if "%" in path:
        path = unquote_to_bytes(facts.path).decode("utf-8", "replace")
    scope = {
        "type": kind,
        "asgi": VERSION,
        "http_version": facts.version,
        "scheme": facts.scheme,
        "path": root_path + path,
        "raw_path": root_path.encode("utf-8") + facts.path,
        "query_string": facts.query,
        "root_path": root_path,
        "headers": facts.headers,
        "client": facts.client,
        "server": facts.server,
    }
    if kind == "http":
        scope["method"] = facts.method
    if state is not None:
        scope["state"] = state.copy()
    return scope
