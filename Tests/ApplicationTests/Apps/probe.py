"""One application whose paths behave in all the ways that applications do."""

import io
import os
import random
import sys
import threading
import urllib.parse
import zlib

from stage import FOLDER, tell, wait_for

PLAIN = [("Content-Type", "text/plain")]


class Body:
    """An iterable that tells the test when it is closed."""

    def __init__(self, parts, name):
        self._parts = iter(parts)
        self._name = name

    def __iter__(self):
        return self

    def __next__(self):
        return next(self._parts)

    def close(self):
        tell(f"closed {self._name}")


class Told(io.BytesIO):
    """A file-like object, not a file, that tells the test when it is closed."""

    def close(self):
        if not self.closed:
            tell("closed told")
        super().close()


class Busy:
    """How many requests are in the application now, and at most."""

    def __init__(self):
        self._condition = threading.Condition()
        self._now = 0
        self._most = 0
        self._seen = 0

    def meet(self, count):
        """Waits until `count` requests are here together; says whether they were."""
        with self._condition:
            self._now += 1
            self._seen += 1
            self._most = max(self._most, self._now)
            self._condition.notify_all()
            met = self._condition.wait_for(lambda: self._seen >= count, timeout=20)
            self._now -= 1
            return met, self._most

    def pass_through(self, gate):
        with self._condition:
            self._now += 1
            self._most = max(self._most, self._now)
        tell(f"held by {os.getpid()}")
        tell("entered")
        wait_for(gate)
        with self._condition:
            self._now -= 1
            return self._most


busy = Busy()
held = []


def text(start_response, body, status="200 OK", headers=()):
    body = body if isinstance(body, bytes) else str(body).encode()
    start_response(status, PLAIN + [("Content-Length", str(len(body))), *headers])
    return [body]


def hello(environ, start_response, query):
    return text(start_response, "Hello, world!")


def pid(environ, start_response, query):
    return text(start_response, os.getpid())


def grow(environ, start_response, query):
    """Holds so much memory from now on."""
    held.append(bytearray(b"x") * (int(query["mebibytes"]) << 20))
    return pid(environ, start_response, query)


def interpreter(environ, start_response, query):
    return text(start_response, "\n".join([sys.executable, sys.prefix, sys.base_prefix, sys.version.split()[0]]))


def module(environ, start_response, query):
    return text(start_response, __import__(query["name"]).__file__)


def echo(environ, start_response, query):
    return text(start_response, environ["wsgi.input"].read())


def echo_pieces(environ, start_response, query):
    source = environ["wsgi.input"]
    pieces = []
    while piece := source.read(int(query.get("size", 10))):
        pieces.append(piece)
    start_response("200 OK", PLAIN)
    return pieces


def status(environ, start_response, query):
    """The status that is asked for, with a body whatever it is."""
    start_response(query["line"], PLAIN)
    return [b"a body that some answers must not have"]


def generated_body(seed):
    """Lines of all lengths, empty ones among them."""
    source = random.Random(seed)
    lines = [b"x" * source.choice([0, 1, 5, 80, 3000, 70_000]) for _ in range(source.randrange(40))]
    return b"\n".join(lines)


def body(environ, start_response, query):
    return text(start_response, generated_body(query["seed"]))


def read_like_a_file(environ, start_response, query):
    """Reads in all the ways that a file can be read, and compares with a file that has the same bytes."""
    ours, theirs = environ["wsgi.input"], io.BytesIO(generated_body(query["seed"]))
    source = random.Random(query["seed"] + query["order"])
    for step in range(60):
        name, arguments = source.choice([
            ("read", (source.choice([0, 1, 7, 4096, 65536, 100_000]),)), ("readline", ()),
            ("readline", (source.choice([0, 1, 10, 5000]),)), ("readlines", (source.choice([1, 100, 90_000]),)),
            ("__next__", ()), ("read", (-1,) if step > 50 else (3,)), ("read", (None,) if step > 55 else (2,)),
            ("readlines", () if step > 55 else (5,)), ("readline", (-1,)), ("readline", (None,)),
        ])
        results = []
        for one in (ours, theirs):
            try:
                results.append(getattr(one, name)(*arguments))
            except StopIteration:
                results.append("the end")
        if results[0] != results[1]:
            short = [repr(result)[:60] for result in results]
            return text(start_response, f"step {step}: {name}{arguments}: {short[0]} instead of {short[1]}")
    if (rest := ours.read()) != theirs.read():
        return text(start_response, f"the rest differs: {len(rest)} bytes")
    return text(start_response, "the same" if ours.read() == ours.read(5) == ours.readline() == b"" else "no end")


def ignore_body(environ, start_response, query):
    return text(start_response, "body not read")


def gate_then_read(environ, start_response, query):
    """Reads only once the test lets it: what was sent before that is in somebody's buffers."""
    tell("entered")
    wait_for(query["gate"])
    return text(start_response, len(environ["wsgi.input"].read()))


def write(environ, start_response, query):
    send = start_response("200 OK", PLAIN)
    send(b"first ")
    tell("wrote first")
    wait_for(query["gate"])
    send(b"second ")
    return Body([b"third"], "write")


def generator(environ, start_response, query):
    def parts():
        yield b"first "
        tell("second asked for")
        wait_for(query["gate"])
        yield b"second"

    start_response("200 OK", PLAIN)
    return Body(parts(), "generator")


def late_start(environ, start_response, query):
    """A generator: start_response is called when its first part is asked for."""
    start_response("200 OK", PLAIN)
    yield b""
    yield b"late"


def empty_parts(environ, start_response, query):
    start_response("200 OK", PLAIN)
    return [b"", b"one", b"", b"two", b""]


def no_parts(environ, start_response, query):
    start_response("200 OK", PLAIN)
    return []


def fail(environ, start_response, query):
    raise RuntimeError("the application gave up")


def fail_after_start(environ, start_response, query):
    start_response("200 OK", PLAIN)
    raise RuntimeError("gave up after start_response")


def fail_first(environ, start_response, query):
    def parts():
        raise RuntimeError("gave up before the first part")
        yield b""

    start_response("200 OK", PLAIN)
    return Body(parts(), "fail-first")


def fail_midway(environ, start_response, query):
    def parts():
        yield b"so far so good"
        raise RuntimeError("gave up midway")

    start_response("200 OK", PLAIN + ([("Content-Length", query["length"])] if "length" in query else []))
    return Body(parts(), "fail-midway")


def leave(environ, start_response, query):
    raise SystemExit(int(query["code"]))


def text_part(environ, start_response, query):
    start_response("200 OK", PLAIN)
    return ["text, not bytes"]


def none(environ, start_response, query):
    start_response("200 OK", PLAIN)
    return None


def no_start(environ, start_response, query):
    return [b"nobody called start_response"]


def start_twice(environ, start_response, query):
    start_response("200 OK", PLAIN)
    start_response("201 Created", PLAIN)
    return [b"twice"]


def bad_header(environ, start_response, query):
    value = {
        "newline": ("X-Bad", "one\r\nX-Injected: two"),
        "nul": ("X-Bad", "one\0two"),
        "name": ("X Bad", "one"),
        "type": ("X-Bad", 1),
        "bytes": (b"X-Bad", b"one"),
    }[query["kind"]]
    start_response("200 OK", PLAIN + [value])
    return [b"bad"]


def bad_status(environ, start_response, query):
    start_response({"newline": "200 OK\r\nX-Injected: two", "type": 200, "bytes": b"200 OK"}[query["kind"]], PLAIN)
    return [b"bad"]


def exc_info(environ, start_response, query):
    """Changes its mind: an error page instead of what it announced."""
    start_response("200 OK", PLAIN)
    try:
        raise RuntimeError("changed my mind")
    except RuntimeError:
        start_response("503 Service Unavailable", PLAIN + [("X-Reason", "changed")], sys.exc_info())
    return [b"the error page"]


def exc_info_late(environ, start_response, query):
    """Changes its mind too late: start_response raises what it is given."""

    def parts():
        start_response("200 OK", PLAIN)
        yield b"already sent"
        try:
            raise RuntimeError("changed my mind too late")
        except RuntimeError:
            start_response("503 Service Unavailable", PLAIN, sys.exc_info())
        tell("start_response returned")
        yield b"never sent"

    return Body(parts(), "exc-info-late")


def errors(environ, start_response, query):
    stream = environ["wsgi.errors"]
    stream.write("wsgi.errors: written\n")
    stream.writelines(["wsgi.errors: line one\n", "wsgi.errors: line two\n"])
    print("wsgi.errors: printed, with é", file=stream)
    stream.flush()
    return text(start_response, "logged")


def file_wrapper(environ, start_response, query):
    kind = query["kind"]
    if kind == "told":
        source = Told(b"x" * 100_000)
    elif kind == "unbuffered":
        source = open(os.path.join(FOLDER, "file"), "rb", buffering=0)
    else:
        source = open(os.path.join(FOLDER, "file"), "rb")
    source.seek(int(query.get("from", 0)))
    length = [("Content-Length", query["length"])] if "length" in query else []
    start_response("200 OK", PLAIN + length)
    return environ["wsgi.file_wrapper"](source, 4096)


def length(environ, start_response, query):
    """A Content-Length that need not be that of the body."""
    start_response("200 OK", PLAIN + [("Content-Length", query["says"])])
    return Body([b"x" * int(query["sends"])], "length")


def headers(environ, start_response, query):
    start_response("200 Fine", PLAIN + [
        ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("X-Latin", "caf\xe9"), ("X-Empty", ""),
        ("Server", "mine"), ("Date", "yesterday"), ("Connection", "x-hop"), ("Transfer-Encoding", "gzip"),
        ("Keep-Alive", "timeout=99"), ("Content-Length", "2"),
    ])
    return [b"ok"]


def close_connection(environ, start_response, query):
    return text(start_response, "closing", headers=[("Connection", "close")])


def meet(environ, start_response, query):
    met, most = busy.meet(int(query["count"]))
    return text(start_response, most, "200 OK" if met else "503 Nobody Came")


def hold(environ, start_response, query):
    most = busy.pass_through(query["gate"])
    return text(start_response, f"{most} {os.getpid()}")


def endless(environ, start_response, query):
    """Sends until the client is gone."""

    def parts():
        tell("began")
        while True:
            yield b"x" * 65536

    start_response("200 OK", PLAIN)
    return Body(parts(), "endless")


def read_all(environ, start_response, query):
    """Reads in small steps; tells the test whether the body came to its end."""
    source = environ["wsgi.input"]
    total = 0
    try:
        while block := source.read(1024):
            total += len(block)
            if total == len(block):
                tell("first block")
    except BaseException as error:
        tell(f"broke off: {type(error).__name__}")
        raise
    tell(f"read {total}")
    return text(start_response, total)


def crc(environ, start_response, query):
    value = 0
    while block := environ["wsgi.input"].read(65536):
        value = zlib.crc32(block, value)
    return text(start_response, value)


ROUTES = {
    "/": hello,
    "/pid": pid,
    "/grow": grow,
    "/interpreter": interpreter,
    "/module": module,
    "/echo": echo,
    "/echo-pieces": echo_pieces,
    "/status": status,
    "/body": body,
    "/read-like-a-file": read_like_a_file,
    "/ignore-body": ignore_body,
    "/gate-then-read": gate_then_read,
    "/write": write,
    "/generator": generator,
    "/late-start": late_start,
    "/empty-parts": empty_parts,
    "/no-parts": no_parts,
    "/fail": fail,
    "/fail-after-start": fail_after_start,
    "/fail-first": fail_first,
    "/fail-midway": fail_midway,
    "/leave": leave,
    "/text-part": text_part,
    "/none": none,
    "/no-start": no_start,
    "/start-twice": start_twice,
    "/bad-header": bad_header,
    "/bad-status": bad_status,
    "/exc-info": exc_info,
    "/exc-info-late": exc_info_late,
    "/errors": errors,
    "/file-wrapper": file_wrapper,
    "/length": length,
    "/headers": headers,
    "/close": close_connection,
    "/meet": meet,
    "/hold": hold,
    "/endless": endless,
    "/read-all": read_all,
    "/crc": crc,
}


def app(environ, start_response):
    route = ROUTES.get(environ["PATH_INFO"])
    if route is None:
        return text(start_response, "no such path", "404 Not Found")
    return route(environ, start_response, dict(urllib.parse.parse_qsl(environ["QUERY_STRING"])))
