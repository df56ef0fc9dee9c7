"""The mixed load of soak_kinds.py: each client knows what its answers must be."""

import collections
import dataclasses
import random
import socket
import struct
import threading
import time

import servers
import soak_load

SECONDS = 30  # no answer takes so long
PATTERN = bytes((number * 7 + (number >> 8)) % 251 for number in range(1 << 16))
# Methods of requests whose clients leave; true: in the middle of the response, so that each was taken up for certain.
LEAVING = {"PUT": True, "DELETE": False}


class Wrong(Exception):
    """Not what the answer must be."""


class ClosedIdle(Exception):
    """The server had closed a kept connection before it read the request: to be sent again."""


@dataclasses.dataclass
class Outcome:
    answered: collections.Counter = dataclasses.field(default_factory=collections.Counter)
    left: collections.Counter = dataclasses.field(default_factory=collections.Counter)
    closed_idle: int = 0
    failed: list = dataclasses.field(default_factory=list)
    scrapes: int = 0

    def add(self, other):
        self.answered += other.answered
        self.left += other.left
        self.closed_idle += other.closed_idle
        self.failed += other.failed
        self.scrapes += other.scrapes


def pattern(size):
    return (PATTERN * (size // len(PATTERN) + 1))[:size]


def request(method, target, fields=(), version="1.1", body=b""):
    return "\r\n".join([f"{method} {target} HTTP/{version}", "Host: h", *fields, "", ""]).encode() + body


class Connection:
    def __init__(self, port):
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = b""
        self.is_used = False

    def close(self):
        self._socket.close()

    def reset(self):
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def send(self, data):
        self._socket.sendall(data)

    def _more(self, pace):
        if pace:
            time.sleep(pace)
        received = self._socket.recv(16384 if pace else 262144)
        self._received += received
        return bool(received)

    def some(self):
        """Waits for the first bytes of a response."""
        if not self._more(0):
            raise Wrong("end of stream instead of a response")

    def answer(self, has_body=True, pace=0.0):
        """(status, body, whether the connection is kept)."""
        while b"\r\n\r\n" not in self._received:
            if not self._more(pace):
                if self.is_used and not self._received:
                    raise ClosedIdle
                raise Wrong(f"end of stream in a head: {self._received[:60]!r}")
        head, _, self._received = self._received.partition(b"\r\n\r\n")
        fields = dict(line.split(b": ", 1) for line in head.lower().split(b"\r\n")[1:])
        status = int(head.split(b" ", 2)[1])
        if not has_body or status in (204, 304):
            body = b""
        elif b"content-length" in fields:
            body = self._take(int(fields[b"content-length"]), pace)
        elif fields.get(b"transfer-encoding") == b"chunked":
            body = self._chunks(pace)
        else:
            while self._more(pace):
                pass
            body, self._received = self._received, b""
        self.is_used = True
        kept = fields.get(b"connection") == b"keep-alive" or (head.startswith(b"HTTP/1.1") and b"connection" not in fields)
        return status, body, kept

    def _take(self, size, pace):
        while len(self._received) < size:
            if not self._more(pace):
                raise Wrong(f"end of stream after {len(self._received)} of {size} bytes")
        body, self._received = self._received[:size], self._received[size:]
        return body

    def _line(self, pace):
        while b"\r\n" not in self._received:
            if not self._more(pace):
                raise Wrong("end of stream in a chunk")
        line, _, self._received = self._received.partition(b"\r\n")
        return line

    def _chunks(self, pace):
        parts = []
        while size := int(self._line(pace), 16):
            parts.append(self._take(size, pace))
            self._line(pace)
        self._line(pace)
        return b"".join(parts)


class Client:
    """One thread: what it does, again and again."""

    def __init__(self, port, choice, act):
        self._port = port
        self._act = act
        self.random = choice
        self.outcome = Outcome()
        self._kept = None

    def run(self, stopping):
        while not stopping.is_set():
            try:
                self._act(self)
            except ClosedIdle:
                self.outcome.closed_idle += 1
                self._drop()
            except (OSError, Wrong, ValueError) as error:
                if self._kept is not None and self._kept.is_used and isinstance(error, ConnectionError):
                    self.outcome.closed_idle += 1
                else:
                    self.outcome.failed.append(f"{self._act.__name__}: {type(error).__name__} {error}")
                    time.sleep(0.05)
                self._drop()
        self._drop()

    def _drop(self):
        if self._kept is not None:
            self._kept.close()
        self._kept = None

    def connection(self):
        if self._kept is None:
            self._kept = Connection(self._port)
        return self._kept

    def own(self):
        self._drop()
        self._kept = Connection(self._port)
        return self._kept

    def judge(self, method, answer, status, body=None, keeps=True):
        found, text, kept = answer
        self.outcome.answered[method, str(found)] += 1
        if found != status or (body is not None and text != body):
            raise Wrong(f"{method}: {found} {text[:60]!r} instead of {status} {(body or b'')[:60]!r}")
        if not kept or not keeps:
            self._drop()

    def ask(self, message, status=200, body=None, method="GET", keeps=True):
        connection = self.connection()
        connection.send(message)
        self.judge(method, connection.answer(method != "HEAD"), status, body, keeps)


def kept(client):
    client.ask(request("GET", "/"), body=b"ok")
    size = client.random.choice([0, 1, 1000, 20_000, 200_000])
    client.ask(request("GET", f"/bytes?size={size}"), body=pattern(size))
    client.ask(request("HEAD", "/"), method="HEAD")


def streamed(client):
    size = client.random.choice([2, 70_000, 1_000_000])
    client.ask(request("GET", f"/bytes?size={size}&unknown=1"), body=pattern(size))


def pipelined(client):
    connection = client.connection()
    connection.send(request("GET", "/") * 5 + request("POST", "/echo", ["Content-Length: 2"], body=b"hi"))
    for _ in range(5):
        client.judge("GET", connection.answer(), 200, b"ok")
    client.judge("POST", connection.answer(), 200, b"hi")


def closed(client):
    client.own()
    client.ask(request("GET", "/", ["Connection: close"]), body=b"ok", keeps=False)


def old(client):
    client.own()
    client.ask(request("GET", "/bytes?size=50000&unknown=1", version="1.0"), body=pattern(50_000), keeps=False)
    client.ask(request("GET", "/", ["Connection: keep-alive"], version="1.0"), body=b"ok")
    client.ask(request("GET", "/", version="1.0"), body=b"ok", keeps=False)


def waiting(client):
    client.ask(request("GET", "/wait?seconds=0.02"), body=b"ok")


def slow_head(client):
    connection = client.connection()
    for byte in request("GET", "/"):
        connection.send(bytes((byte,)))
        time.sleep(0.003)
    client.judge("GET", connection.answer(), 200, b"ok")


def slow_reader(client):
    connection = client.own()
    connection.send(request("GET", "/bytes?size=1500000&unknown=1"))
    client.judge("GET", connection.answer(pace=0.002), 200, pattern(1_500_000))


def slow_upload(client):
    connection = client.connection()
    connection.send(request("POST", "/digest", ["Content-Length: 20000"]))
    for start in range(0, 20_000, 2000):
        time.sleep(0.005)
        connection.send(pattern(20_000)[start : start + 2000])
    client.judge("POST", connection.answer(), 200, b"20000 right")


def upload(client):
    size = client.random.choice([1, 5000, 300_000, 2_000_000])
    right = b"%d right" % size
    client.ask(request("POST", "/digest", [f"Content-Length: {size}"], body=pattern(size)), 200, right, "POST")
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (size, pattern(size))
    client.ask(request("POST", "/digest", ["Transfer-Encoding: chunked"], body=chunked), 200, right, "POST")


def errors(client):
    client.ask(request("GET", "/status?line=404%20Not%20Found"), 404)
    client.ask(request("GET", "/status?line=204%20No%20Content"), 204)
    client.ask(request("GET", "/fail"), 500)
    connection = client.own()
    connection.send(b"nonsense\r\n\r\n")
    client.judge("UNKNOWN", connection.answer(), 400, keeps=False)
    time.sleep(0.02)  # a traceback in the log for each


def leaves_response(client):
    connection = client.own()
    connection.send(request("PUT", "/endless"))
    client.outcome.left["PUT"] += 1
    connection.some()
    client.random.choice([connection.close, connection.reset])()
    time.sleep(0.05)


def leaves_body(client):
    connection = client.own()
    framing = client.random.choice(["Content-Length: 100000", "Transfer-Encoding: chunked"])
    client.outcome.left["DELETE"] += 1
    connection.send(request("DELETE", "/digest", [framing], body=b"1000\r\n" + b"x" * client.random.randrange(6000)))
    time.sleep(client.random.choice([0.0, 0.02]))
    client.random.choice([connection.close, connection.reset])()


def leaves_head(client):
    connection = client.own()
    connection.send(b"GET / HTTP/1.1\r\nHo")
    time.sleep(0.02)
    client.random.choice([connection.close, connection.reset])()


CLIENTS = [
    *(kept, kept, kept, kept, streamed, pipelined, closed, closed, old, waiting, waiting, slow_head, slow_reader),
    *(slow_upload, upload, errors, leaves_response, leaves_body, leaves_head),
]


class Load(soak_load.Load):
    def _run(self, arguments, results):
        port, metrics_port = arguments
        outcome = Outcome()
        clients = [Client(port, random.Random(number), act) for number, act in enumerate(CLIENTS)]
        threads = [threading.Thread(target=client.run, args=(self._stopping,)) for client in clients]
        for thread in threads:
            thread.start()
        while not self._stopping.wait(0.5):
            try:
                if servers.get(metrics_port, "/metrics")[0] != 200:
                    raise Wrong("/metrics did not answer 200")
                outcome.scrapes += 1
            except (OSError, Wrong) as error:
                outcome.failed.append(f"a scrape: {error!r}")
        for thread in threads:
            thread.join()
        for client in clients:
            outcome.add(client.outcome)
        results.send(outcome)
