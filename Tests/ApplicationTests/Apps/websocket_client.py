"""Drives the WebSockets of fastapi_app.py and kinds_tornado.py: websocket_client.py PORT SCENARIO...

A scenario that has gone as it should prints its name; one that has not ends the program with a traceback.
"""

import contextlib
import os
import signal
import socket
import struct
import sys
import threading

from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

PORT = int(sys.argv[1])
LARGE = 5 << 20
SECONDS = 20


def open_chat(path="/chat", **options):
    return connect(f"ws://127.0.0.1:{PORT}{path}", max_size=64 << 20, open_timeout=SECONDS, close_timeout=SECONDS, **options)


def echo(connection, message):
    connection.send(message)
    answer = connection.recv(timeout=SECONDS)
    assert answer == message, (answer[:80], len(answer))


def end_of(connection):
    try:
        while True:
            connection.recv(timeout=SECONDS)
    except ConnectionClosed as end:
        return (end.rcvd.code, end.rcvd.reason) if end.rcvd else None


def refusal(path, **options):
    try:
        open_chat(path, **options).close()
    except InvalidStatus as refused:
        return refused.response
    raise AssertionError("it was accepted")


def reset(connection):
    connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    os.close(connection.socket.detach())


def messages():
    with open_chat() as connection:
        for message in ("text", "", "ü€😀", b"binary \x00\xff", b"", "t" * 126, b"b" * 65536):
            echo(connection, message)


def uncompressed():
    with open_chat(compression=None) as connection:
        echo(connection, "plain")
        echo(connection, b"p" * 100_000)


def fragmented():
    with open_chat() as connection:
        connection.send(iter(["first ", "second ", "third"]))
        assert connection.recv(timeout=SECONDS) == "first second third"
        connection.send(iter([b"1", b"", b"2"]))
        assert connection.recv(timeout=SECONDS) == b"12"


def ping():
    with open_chat() as connection:
        assert connection.ping(b"are you there").wait(SECONDS), "no pong"
        echo(connection, "after")


def client_closes():
    connection = open_chat()
    echo(connection, "once")
    connection.close(4000, "bye")


def server_closes():
    connection = open_chat()
    connection.send("close")
    assert end_of(connection) == (4001, "asked to")


def subprotocol():
    with open_chat(subprotocols=["first", "second"]) as connection:
        assert connection.subprotocol == "second"
    with open_chat(subprotocols=["first"]) as connection:
        assert connection.subprotocol is None


def large():
    with open_chat() as connection:
        echo(connection, "l" * LARGE)
    with open_chat(compression=None) as connection:
        echo(connection, os.urandom(LARGE))


def too_large():
    connection = open_chat(compression=None)
    with contextlib.suppress(ConnectionClosed):
        connection.send(b"x" * (40 << 20))
    assert end_of(connection)[0] == 1009


def bad_text():
    with open_chat(compression=None) as connection:
        connection.send(b"\xff\xfe", text=True)
        assert end_of(connection)[0] == 1007


def vanishes():
    connection = open_chat()
    echo(connection, "once")
    reset(connection)


def many():
    connections = [open_chat() for _ in range(60)]
    for number, connection in enumerate(connections):
        connection.send(f"message {number}")
    for number, connection in enumerate(connections):
        assert connection.recv(timeout=SECONDS) == f"message {number}"
    for connection in connections:
        connection.close()


def fails():
    connection = open_chat()
    connection.send("fail")
    assert end_of(connection)[0] == 1011


def refused():
    assert refusal("/refused").status_code == 403
    assert refusal("/nowhere").status_code in (403, 404)


def denied():
    response = refusal("/denied")
    assert response.status_code == 401, response
    assert response.body == b'{"why":"no token"}', response.body


def fields():
    with open_chat() as connection:
        assert connection.response.headers["x-database"] == "connected", connection.response.headers


def uncaught():
    connection = open_chat("/receives")
    echo(connection, "once")
    connection.close(4002)


def pushes():
    with open_chat("/pushes") as connection:
        assert connection.recv(timeout=SECONDS) == "tick"
    connection = open_chat("/pushes")
    assert connection.recv(timeout=SECONDS) == "tick"
    reset(connection)


def handshake():
    """RFC 6455 section 4.2.2, and what is no handshake at all."""
    good = ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]
    for number, (fields, allowed) in enumerate([
        (good, {b"101"}),
        (good[:2] + ["Sec-WebSocket-Version: 12"] + good[3:], {b"400", b"426"}),
        (good[:3] + ["Sec-WebSocket-Key: short"], {b"400"}),
        (good[:1] + good[2:], {b"400", b"404", b"426"}),
        (good[1:], {b"404"}),
        (good[:3], {b"400", b"404"}),
    ]):  # fmt: skip
        with socket.create_connection(("127.0.0.1", PORT), timeout=SECONDS) as raw:
            raw.sendall("\r\n".join(["GET /chat HTTP/1.1", "Host: h", *fields, "", ""]).encode())
            answer = raw.recv(65536)
            assert answer[9:12] in allowed, (number, answer)


def early():
    """Frames that come with the handshake are not lost."""
    key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
    lines = ["GET /chat HTTP/1.1", "Host: h", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", key]
    with socket.create_connection(("127.0.0.1", PORT), timeout=SECONDS) as raw:
        raw.sendall("\r\n".join([*lines, "", ""]).encode() + b"\x81\x82\x00\x00\x00\x00hi")
        received = b""
        while not received.endswith(b"\x81\x02hi"):
            more = raw.recv(65536)
            assert more, received
            received += more


def restart():
    """The server, whose master is the process PROBE_MASTER, is told to stop."""
    connections = [open_chat() for _ in range(3)]
    for connection in connections:
        echo(connection, "before")
    threading.Timer(0.05, os.kill, (int(os.environ["PROBE_MASTER"]), signal.SIGTERM)).start()
    assert [end_of(connection)[0] for connection in connections] == [1012, 1012, 1012]


for name in sys.argv[2:]:
    globals()[name]()
    print(name, flush=True)
