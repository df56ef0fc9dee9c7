"""The application of the guide's commands: `app:app`, of Flask."""

import os
import pathlib
import time

import config
from flask import Flask

app = Flask(__name__)
folder = pathlib.Path(__file__).parent


def tell(file, line):
    """Appends a line that the test reads."""
    descriptor = os.open(folder / file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(descriptor, f"{line}\n".encode())
    os.close(descriptor)


tell("imports", os.getpid())


@app.get("/")
def hello():
    return config.GREETING


@app.get("/pid")
def pid():
    return str(os.getpid())


@app.get("/environment/<name>")
def environment(name):
    return os.environ.get(name, "unset")


@app.get("/hold")
def hold():
    """Runs until the test has made the file `gate`, for a minute at most."""
    tell("held", os.getpid())
    end = time.monotonic() + 60
    while not (folder / "gate").exists() and time.monotonic() < end:
        time.sleep(0.005)
    return "let go"
