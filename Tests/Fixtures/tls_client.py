"""Clients of a server with TLS: tls_client.py COMMAND PORT CA [ARGUMENT]. Each prints what it has seen."""

import http.client
import json
import os
import socket
import ssl
import sys
import time

PORT, CA = int(sys.argv[2]), sys.argv[3]
BLOCK = bytes(range(256)) * 256


def context(protocols=None):
    made = ssl.create_default_context(cafile=CA)
    # The test's authority has none of the extensions that Python 3.13 wants.
    made.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if protocols:
        made.set_alpn_protocols(protocols)
    return made


def connect(first=b"", **options):
    """`first` goes out before the handshake."""
    plain = socket.create_connection(("127.0.0.1", PORT), timeout=60)
    if first:
        plain.sendall(first)
    return context(**options).wrap_socket(plain, server_hostname="localhost", suppress_ragged_eofs=False)


def read_all(connection):
    """All that comes, and how the end was told."""
    received = b""
    try:
        while block := connection.recv(1 << 16):
            received += block
        return received, "notified"
    except ssl.SSLEOFError:
        return received, "ragged"
    except ConnectionResetError:
        return received, "reset"


def request(target, version="1.1", fields="Connection: close\r\n"):
    return ("GET %s HTTP/%s\r\nHost: localhost\r\n%s\r\n" % (target, version, fields)).encode()


def close():
    connection = connect()
    connection.sendall(request("/number?1"))
    received, end = read_all(connection)
    print(end, received.endswith(b"\r\n\r\n1"))


def broken():
    """A response whose end is that of the connection, and which does not come to it."""
    connection = connect()
    connection.sendall(request("/broken", "1.0", ""))
    received, end = read_all(connection)
    print(end, received.startswith(b"HTTP/1."))


def pipeline():
    connection = connect()
    count = 50
    connection.sendall(b"".join(request("/number?%d" % n, fields="") for n in range(count)) + request("/number?end"))
    received, end = read_all(connection)
    bodies = [part.rpartition(b"\r\n\r\n")[2].decode() for part in received.split(b"HTTP/1.1 200 OK")[1:]]
    print(end, bodies == [str(n) for n in range(count)] + ["end"])


def bulk():
    blocks = 1600
    connection = http.client.HTTPSConnection("localhost", PORT, context=context(), timeout=60)
    for _ in range(2):
        connection.request("POST", "/upload", body=(BLOCK for _ in range(blocks)),
                           headers={"Content-Length": str(blocks * len(BLOCK))})
        print(connection.getresponse().read().decode())
    connection.request("GET", "/download?%d" % blocks)
    response = connection.getresponse()
    print(all(response.read(len(BLOCK)) == BLOCK for _ in range(blocks)) and response.read() == b"")


def protocol():
    try:
        print(connect(protocols=sys.argv[4].split(",")).selected_alpn_protocol())
    except ssl.SSLError as error:
        print(error)


def proxied():
    connection = connect(bytes.fromhex(sys.argv[4]))
    connection.sendall(request("/"))
    received, end = read_all(connection)
    print(end, received.partition(b"\r\n\r\n")[2].decode(), sep="\n")


def load():
    """Until a file is there: connections, each for a few requests."""
    tally = {"answers": 0, "failures": [], "certificates": []}
    while not os.path.exists(sys.argv[4]):
        kept = False
        try:
            connection = http.client.HTTPSConnection("localhost", PORT, context=context(), timeout=60)
            connection.connect()
            serial = connection.sock.getpeercert()["serialNumber"]
            if serial not in tally["certificates"]:
                tally["certificates"].append(serial)
            for _ in range(4):
                connection.request("GET", "/number?7")
                response = connection.getresponse()
                assert response.status == 200 and response.read() == b"7"
                tally["answers"] += 1
                kept = True
                time.sleep(0.002)
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError, ssl.SSLEOFError) as error:
            # A kept connection may be closed between two requests.
            if not kept:
                tally["failures"].append(repr(error))
        except Exception as error:
            tally["failures"].append(repr(error))
    print(json.dumps(tally))


globals()[sys.argv[1]]()
