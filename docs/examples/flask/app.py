"""A small Flask application that shows what a server has to cope with: `make run` serves it."""

import threading
import time

from flask import Flask, Response, jsonify, request

app = Flask(__name__)

PAGE = """<!doctype html>
<title>Talon</title>
<h1>Talon serves this page</h1>
<ul>
  <li><a href="/stream">/stream</a>: ten lines, one every 0.2 seconds
  <li><a href="/slow?seconds=2">/slow?seconds=2</a>: an answer that takes its time
  <li><a href="/fail">/fail</a>: an exception; the server answers 500 and serves on
</ul>
<form action="/upload" method="post" enctype="multipart/form-data">
  <input type="file" name="file"> <button>Upload</button>
</form>
"""


class Uploads:
    """How many uploads this worker has taken, and how many bytes they had."""

    def __init__(self):
        self._lock = threading.Lock()
        self._count = 0
        self._bytes = 0

    def add(self, size):
        with self._lock:
            self._count += 1
            self._bytes += size
            return {"uploads": self._count, "total_bytes": self._bytes}


uploads = Uploads()


@app.get("/")
def index():
    return PAGE


@app.get("/stream")
def stream():
    def lines():
        for number in range(1, 11):
            yield f"line {number}\n"
            time.sleep(0.2)

    return Response(lines(), mimetype="text/plain")


@app.get("/slow")
def slow():
    seconds = min(max(request.args.get("seconds", 1.0, type=float), 0.0), 60.0)
    time.sleep(seconds)
    return jsonify(slept=seconds)


@app.get("/fail")
def fail():
    raise RuntimeError("this endpoint always fails")


@app.post("/upload")
def upload():
    """Counts the bytes of the body, or of the file in a form, without holding them."""
    if request.mimetype == "multipart/form-data":
        source = request.files["file"].stream
    else:
        source = request.stream
    size = sum(len(chunk) for chunk in iter(lambda: source.read(65536), b""))
    return jsonify(bytes=size, **uploads.add(size))
