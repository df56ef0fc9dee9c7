"""A keep-alive HTTP client that knows why a connection ended."""

import dataclasses
import errno
import socket
import struct
import threading
import time

TCP_CLOSE = 7
ANSWER_SECONDS = 10


class Closed(Exception):
    """The server had closed the connection before it read the request: to be sent again, and no failure."""


class Lost(Exception):
    """The server took the request and did not answer it right."""


@dataclasses.dataclass
class Tally:
    answered: int = 0
    closed_idle: int = 0
    failed: list = dataclasses.field(default_factory=list)


def was_reset(connection):
    """Whether the other side answered our bytes with a reset, which is what Linux does when nobody will read them.

    The reset may come a little after the end of stream that stood before it in the queue. A server that read only a
    part of the request before it closed looks the same from here.
    """
    until = time.monotonic() + 0.1
    while time.monotonic() < until:
        state = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)
        if struct.unpack("B", state)[0] == TCP_CLOSE:
            return True
        time.sleep(0.005)
    return False


class Client:
    """One connection at a time, reused as long as the server keeps it."""

    def __init__(self, port, expected):
        self._port = port
        self._expected = expected
        self._connection = None
        self._request = f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()

    def close(self):
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def get(self):
        """One request. Raises Closed or Lost; the connection is gone then."""
        reused = self._connection is not None
        try:
            if not reused:
                self._connection = socket.create_connection(("127.0.0.1", self._port), timeout=ANSWER_SECONDS)
            elif self._ended():
                raise Closed
            self._exchange(reused)
        except (Closed, Lost):
            self.close()
            raise
        except OSError as error:
            self.close()
            where = "a kept connection" if reused else "a new connection"
            raise Lost(f"{type(error).__name__} on {where}: {error}") from error

    def _ended(self):
        """Whether the end of the connection is already here, before a byte of the request was sent."""
        self._connection.setblocking(False)
        try:
            return self._connection.recv(1, socket.MSG_PEEK) == b""
        except BlockingIOError:
            return False
        except ConnectionError:
            return True
        finally:
            self._connection.settimeout(ANSWER_SECONDS)

    def _exchange(self, reused):
        received = b""
        try:
            self._connection.sendall(self._request)
            while not self._complete(received):
                more = self._connection.recv(65536)
                if not more:
                    if reused and not received and was_reset(self._connection):
                        raise Closed
                    raise Lost(f"end of stream after {len(received)} bytes of the answer")
                received += more
        except OSError as error:
            if reused and not received and error.errno in (errno.ECONNRESET, errno.EPIPE):
                raise Closed from error
            raise
        self._judge(received)

    def _complete(self, received):
        head, found, body = received.partition(b"\r\n\r\n")
        return bool(found) and len(body) >= self._length(head)

    @staticmethod
    def _length(head):
        for line in head.lower().split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if name == b"content-length":
                return int(value)
        raise Lost(f"an answer without Content-Length: {head[:80]!r}")

    def _judge(self, received):
        head, _, body = received.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200 ") or body != self._expected:
            raise Lost(f"answered {head[:40]!r} {body[:40]!r}")
        if b"\r\nconnection: close" in head.lower():
            self.close()


class Load:
    """Clients in threads that send one request after the other until stop()."""

    def __init__(self, port, expected, clients, pause):
        self.tallies = [Tally() for _ in range(clients)]
        self._stopping = threading.Event()
        self._pause = pause
        self._threads = [
            threading.Thread(target=self._run, args=(Client(port, expected), tally), daemon=True)
            for tally in self.tallies
        ]

    def start(self):
        for thread in self._threads:
            thread.start()

    def stop(self):
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    @property
    def answered(self):
        return sum(tally.answered for tally in self.tallies)

    @property
    def closed_idle(self):
        return sum(tally.closed_idle for tally in self.tallies)

    @property
    def failed(self):
        return [failure for tally in self.tallies for failure in tally.failed]

    def _run(self, client, tally):
        while not self._stopping.is_set():
            try:
                client.get()
                tally.answered += 1
            except Closed:
                tally.closed_idle += 1
            except Lost as lost:
                tally.failed.append(f"{time.strftime('%H:%M:%S')} {lost}")
                time.sleep(0.01)  # a server that is down is no reason for a million of these
            if self._pause:
                time.sleep(self._pause)
        client.close()
