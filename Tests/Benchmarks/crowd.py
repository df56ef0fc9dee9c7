"""Many clients that ask at the same moment, each once and on a connection of its own."""

import os
import selectors
import socket
import time

import servers

SECONDS = 30


def ask_at_once(port, count, body, core):
    """How long each waited for its answer, in seconds, in the order of the answers. Failure if one does not get it.

    All are connected before the first asks. Runs on one core, as wrk does.
    """
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    connections = []
    try:
        for _ in range(count):
            connections.append(socket.create_connection(("127.0.0.1", port), timeout=SECONDS))
        return _ask(connections, f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode(), body)
    except OSError as error:
        raise servers.Failure(f"a client of {count} failed: {error}") from error
    finally:
        for connection in connections:
            connection.close()
        os.sched_setaffinity(0, cores)


def _ask(connections, request, body):
    waits, answers = [], {connection: b"" for connection in connections}
    began = time.monotonic()
    with selectors.EpollSelector() as selector:
        for connection in connections:
            connection.sendall(request)
            selector.register(connection, selectors.EVENT_READ)
        while len(waits) < len(connections):
            ready = selector.select(SECONDS)
            if not ready:
                raise servers.Failure(f"{len(connections) - len(waits)} clients got no answer within {SECONDS} s")
            for key, _ in ready:
                connection = key.fileobj
                more = connection.recv(65536)
                answers[connection] += more
                if answers[connection].endswith(body) and answers[connection].startswith(b"HTTP/1.1 200 "):
                    waits.append(time.monotonic() - began)
                    selector.unregister(connection)
                elif not more:
                    raise servers.Failure(f"a client got {answers[connection][:80]!r}")
    return waits
