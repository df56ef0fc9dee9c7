"""Files in wsgi.file_wrapper, of every kind that an application may have: below PROBE_DIR."""

import gzip
import io
import os
import tempfile
import urllib.parse

from flask import Flask, send_file
from stage import FOLDER, tell

TEXT = [("Content-Type", "application/octet-stream")]


class Handed:
    """Hands its calls on to a file, as Django's File does."""

    def __init__(self, file):
        self.file = file
        self.read = file.read

    def fileno(self):
        return self.file.fileno()

    def close(self):
        tell("closed handed")
        self.file.close()


class Shouting(Handed):
    """Changes what it reads: its descriptor says nothing of what read() gives."""

    def __init__(self, file):
        super().__init__(file)
        self.read = lambda size=-1: file.read(size).upper()


def temporary(path):
    file = tempfile.NamedTemporaryFile()
    with open(path, "rb") as source:
        file.write(source.read())
    file.seek(0)
    return file


def pipe(path):
    reading, writing = os.pipe()
    os.write(writing, b"through a pipe")
    os.close(writing)
    return open(reading, "rb")


KINDS = {
    "buffered": lambda path: open(path, "rb"),
    "unbuffered": lambda path: open(path, "rb", buffering=0),
    "changeable": lambda path: open(path, "r+b"),
    "temporary": temporary,
    "memory": lambda path: io.BytesIO(open(path, "rb").read()),
    "gzip": lambda path: gzip.open(path, "rb"),
    "handed": lambda path: Handed(open(path, "rb")),
    "shouting": lambda path: Shouting(open(path, "rb")),
    "pipe": pipe,
    "proc": lambda path: open("/proc/self/status", "rb"),
}


def plain(environ, start_response, query):
    file = KINDS[query.get("kind", "buffered")](os.path.join(FOLDER, query.get("name", "file")))
    if "from" in query:
        file.seek(int(query["from"]))
    if "peek" in query:  # the descriptor is then further than the file says that it is
        file.read(int(query["peek"]))
    headers = [("Content-Length", query["length"])] if "length" in query else []
    write = start_response(query.get("status", "200 OK"), TEXT + headers)
    if "write" in query:
        write(query["write"].encode())
    body = environ["wsgi.file_wrapper"](file)
    close = body.close

    def closed():
        close()
        tell("closed")

    body.close = closed
    return body


flask = Flask(__name__)


@flask.get("/flask")
def whole():
    return send_file(os.path.join(FOLDER, "file"), "application/octet-stream", conditional=True)


def app(environ, start_response):
    query = dict(urllib.parse.parse_qsl(environ["QUERY_STRING"]))
    if environ["PATH_INFO"] == "/file":
        return plain(environ, start_response, query)
    if environ["PATH_INFO"] == "/":
        start_response("200 OK", [("Content-Length", "2")])
        return [b"ok"]
    return flask(environ, start_response)
