"""An application whose requests wait, stick and die as the test in whose directory it runs says."""

import os
import pathlib
import subprocess
import time


def touch(name):
    pathlib.Path(name + ".new").write_text(str(os.getpid()))
    os.rename(name + ".new", name)


def wait_for(name):
    while not os.path.exists(name):
        time.sleep(0.01)


def hold(name):
    """Says by a file that it has begun, and answers when there is the file that lets it go."""
    touch(name + ".started")
    wait_for(name + ".go")
    return "held"


def stick(name):
    touch(name + ".started")
    while True:
        time.sleep(3600)


def spin(name):
    touch(name + ".started")
    while True:
        pass


def nap(_):
    time.sleep(0.2)
    return "rested"


LEFT = {
    "polite": "exec sleep 600",
    "stubborn": "trap '' TERM; while :; do sleep 1; done",
    "three": "exit 3",
}


def leave(kind):
    """A process in the background whose parent is gone at once, as a daemon's is; its pid."""
    shell = "(%s) >/dev/null 2>&1 & echo $!" % LEFT[kind]
    return subprocess.run(["setsid", "sh", "-c", shell], stdout=subprocess.PIPE, check=True).stdout.decode().strip()


def child(_):
    """A child that the worker does not wait for."""
    return str(subprocess.Popen(["sleep", "600"]).pid)


ROUTES = {
    "/": lambda _: "ok",
    "/misbehave": lambda _: "ok",
    "/pid": lambda _: str(os.getpid()),
    "/cwd": lambda _: os.getcwd(),
    "/environment": lambda name: os.environ.get(name, "not set"),
    "/hold": hold,
    "/stick": stick,
    "/spin": spin,
    "/nap": nap,
    "/leave": leave,
    "/child": child,
    "/die": lambda code: os._exit(int(code)),
}


def app(environ, start_response):
    body = ROUTES[environ["PATH_INFO"]](environ["QUERY_STRING"]).encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
